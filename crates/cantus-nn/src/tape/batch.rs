//! What is told of whole rows and whole batches.
#![allow(unsafe_code, reason = "threads share the numbers of an image")]

use super::{Machine, Op, Slot, Tape, Var};
use crate::kernel::map::strands;
use crate::team::Parts;

/// Added to the variance.
const EPSILON: f32 = 1e-6;

impl Tape {
    /// The sum of each row.
    ///
    /// # Shapes
    /// `[n, columns]`, result `[n, 1]`.
    pub fn row_sum(&mut self, x: Var) -> Var {
        let (rows, columns) = self.shape(x);
        let (var, slot, earlier) = self.graph.next([rows, 1]);
        let source = &earlier[x.0];
        for (sum, row) in slot.value.iter_mut().zip(source.value.chunks_exact(columns.max(1))) {
            *sum = strands(row, 0.0, |a, b| a + b);
        }
        slot.wants = source.wants;
        slot.op = Op::RowSum { x };
        var
    }

    /// How much the images of each group of a batch differ from one another, at every place of every image: the mean
    /// over places and channels of the standard deviation over the group (Karras et al., 2018).
    ///
    /// # Shapes
    /// `x` holds images of `[places, channels]`, group after group of `group` images each; result
    /// `[n * places, 1]`, one number for the whole of a group.
    ///
    /// # Panics
    /// If `x` is no whole number of groups.
    pub fn batch_deviation(&mut self, x: Var, places: usize, group: usize) -> Var {
        let (rows, columns) = self.shape(x);
        assert!(
            places > 0 && group > 0 && rows.is_multiple_of(places * group),
            "groups of {group} images of {places} places cannot be cut from {rows} rows"
        );
        let size = places * columns;
        let (var, slot, earlier) = self.graph.next([rows, 1]);
        let source = &earlier[x.0];
        // By group: means, then deviations of each number of an image.
        slot.saved[0].resize(rows / (places * group) * 2 * size);
        let groups = source.value.chunks_exact((group * size).max(1));
        let told = slot.value.chunks_exact_mut(places * group);
        for ((images, moments), out) in
            groups.zip(slot.saved[0].chunks_exact_mut((2 * size).max(1))).zip(told)
        {
            let (means, deviations) = moments.split_at_mut(size);
            measure(images, means, deviations, &self.machine);
            out.fill(strands(deviations, 0.0, |a, b| a + b) / size as f32);
        }
        slot.wants = source.wants;
        slot.op = Op::BatchDeviation { x, places, group };
        var
    }
}

/// Means and deviations over some images of each of their numbers.
fn measure(images: &[f32], means: &mut [f32], deviations: &mut [f32], machine: &Machine) {
    let size = means.len();
    let share = size as f32 / images.len() as f32;
    let (means, deviations) = (Parts::new(means), Parts::new(deviations));
    machine.team.split(size, 16, images.len(), &|range| {
        // SAFETY: the ranges are disjoint.
        let (means, deviations) = unsafe { (means.range(range.clone()), deviations.range(range.clone())) };
        means.fill(0.0);
        deviations.fill(0.0);
        for image in images.chunks_exact(size) {
            for (mean, x) in means.iter_mut().zip(&image[range.clone()]) {
                *mean += share * x;
            }
        }
        for image in images.chunks_exact(size) {
            for ((deviation, mean), x) in deviations.iter_mut().zip(&*means).zip(&image[range.clone()]) {
                *deviation += share * (x - mean) * (x - mean);
            }
        }
        for deviation in deviations {
            *deviation = (*deviation + EPSILON).sqrt();
        }
    });
}

pub(super) fn row_sum_backward(slot: &Slot, x: &mut Slot) {
    if x.wants {
        let columns = x.columns;
        for (row, grad) in x.grad_to_add().chunks_exact_mut(columns.max(1)).zip(slot.grad.iter()) {
            for total in row {
                *total += grad;
            }
        }
    }
}

pub(super) fn deviation_backward(slot: &Slot, x: &mut Slot, [places, group]: [usize; 2], machine: &Machine) {
    if !x.wants {
        return;
    }
    let columns = x.columns;
    let size = places * columns;
    x.grad_to_add();
    let values = &x.value;
    machine.team.rows(&mut x.grad, size, slot.rows * columns, &|range, out| {
        for (image, out) in range.zip(out.chunks_exact_mut(size)) {
            let index = image / group;
            let arrived = strands(&slot.grad[index * group * places..][..group * places], 0.0, |a, b| a + b);
            let scale = arrived / (size * group) as f32;
            let (means, deviations) = slot.saved[0][index * 2 * size..][..2 * size].split_at(size);
            let moments = means.iter().zip(deviations);
            for ((total, x), (mean, deviation)) in out.iter_mut().zip(&values[image * size..]).zip(moments) {
                *total += scale * (x - mean) / deviation;
            }
        }
    });
}
