//! A style for every image: what each place of an image is scaled by and shifted by.
#![allow(unsafe_code, reason = "threads share the images of a batch")]

use super::{Machine, Op, Slot, Tape, Var};
use crate::kernel::map::strands;
use crate::team::Parts;

/// Added to the mean square.
const EPSILON: f32 = 1e-6;

/// What [`Tape::film`] does before it scales and shifts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Film {
    /// Nothing.
    Plain,
    /// Each place is scaled to a mean square of 1 over its channels.
    Normed,
}

impl Tape {
    /// `x (1 + scale) + shift` with a scale and a shift for every image and channel (Perez et al., 2018), each place
    /// normalised before if so asked.
    ///
    /// # Shapes
    /// `x` `[n * places, channels]`, `style` `[n, 2 * channels]`, the scales before the shifts; result as `x`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn film(&mut self, x: Var, style: Var, film: Film) -> Var {
        let ((rows, columns), (images, styles)) = (self.shape(x), self.shape(style));
        assert!(
            images > 0 && rows.is_multiple_of(images) && styles == 2 * columns,
            "a style for rows of {columns} in {rows} rows must have {} numbers, but there are {images} of {styles}",
            2 * columns
        );
        let places = rows / images;
        let (var, slot, earlier) = self.graph.next([rows, columns]);
        let (source, style_slot) = (&earlier[x.0], &earlier[style.0]);
        let [scales, ..] = &mut slot.saved;
        scales.resize(rows);
        let scales = Parts::new(scales);
        self.machine.team.rows(&mut slot.value, columns, rows * columns, &|range, out| {
            // SAFETY: the ranges of rows are disjoint.
            let scales = unsafe { scales.range(range.clone()) };
            for ((row, out), scale) in range.zip(out.chunks_exact_mut(columns)).zip(scales) {
                let input = &source.value[row * columns..][..columns];
                *scale = scale_of(input, film, out);
                let style = &style_slot.value[row / places * 2 * columns..][..2 * columns];
                let (gains, shifts) = style.split_at(columns);
                for ((out, x), (gain, shift)) in out.iter_mut().zip(input).zip(gains.iter().zip(shifts)) {
                    *out = (x * *scale).mul_add(1.0 + gain, *shift);
                }
            }
        });
        slot.wants = source.wants || style_slot.wants;
        slot.op = Op::Film { x, style, film };
        var
    }

    /// Adds a row for every image to each of its places.
    ///
    /// # Shapes
    /// `x` `[n * places, channels]`, `rows` `[n, channels]`, result as `x`.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn add_to_places(&mut self, x: Var, rows: Var) -> Var {
        let ((count, columns), (images, others)) = (self.shape(x), self.shape(rows));
        assert!(
            images > 0 && count.is_multiple_of(images) && others == columns,
            "rows of {columns} for {count} places are wanted, but there are {images} of {others}"
        );
        let places = count / images;
        let (var, slot, earlier) = self.graph.next([count, columns]);
        let (source, added) = (&earlier[x.0], &earlier[rows.0]);
        self.machine.team.rows(&mut slot.value, columns, count * columns / 2, &|range, out| {
            for (row, out) in range.zip(out.chunks_exact_mut(columns)) {
                let (input, added) = (&source.value[row * columns..], &added.value[row / places * columns..]);
                for ((out, x), y) in out.iter_mut().zip(input).zip(added) {
                    *out = x + y;
                }
            }
        });
        slot.wants = source.wants || added.wants;
        slot.op = Op::AddToPlaces { x, rows };
        var
    }
}

/// What a place is scaled by; `room` is memory as long as the place.
fn scale_of(place: &[f32], film: Film, room: &mut [f32]) -> f32 {
    if film == Film::Plain {
        return 1.0;
    }
    for (square, x) in room.iter_mut().zip(place) {
        *square = x * x;
    }
    1.0 / (strands(room, 0.0, |a, b| a + b) / place.len() as f32 + EPSILON).sqrt()
}

/// The way back to the styles: threads share the images.
pub(super) fn style_backward(slot: &Slot, x: &Slot, style: &mut Slot, machine: &Machine) {
    if !style.wants {
        return;
    }
    let (columns, images, cost) = (slot.columns, style.rows, slot.grad.len());
    let places = slot.rows / images.max(1);
    machine.team.rows(style.grad_to_add(), 2 * columns, cost, &|range, out| {
        for (image, out) in range.zip(out.chunks_exact_mut(2 * columns)) {
            let (gains, shifts) = out.split_at_mut(columns);
            for row in image * places..(image + 1) * places {
                let (grad, input) =
                    (&slot.grad[row * columns..][..columns], &x.value[row * columns..][..columns]);
                let scale = slot.saved[0][row];
                for ((gain, shift), (g, x)) in gains.iter_mut().zip(&mut *shifts).zip(grad.iter().zip(input))
                {
                    *gain += g * (x * scale);
                    *shift += g;
                }
            }
        }
    });
}

/// The way back to the places.
pub(super) fn backward(slot: &mut Slot, x: &mut Slot, style: &Slot, film: Film, machine: &Machine) {
    if !x.wants {
        return;
    }
    let (columns, places, cost) = (slot.columns, slot.rows / style.rows.max(1), slot.grad.len());
    x.grad_to_add();
    let [scales, products, ..] = &mut slot.saved;
    products.resize(slot.grad.len());
    let (scales, products, grads) = (&**scales, Parts::new(products), &slot.grad);
    let values = &x.value;
    machine.team.rows(&mut x.grad, columns, cost, &|range, out| {
        // SAFETY: the ranges of rows are disjoint.
        let products = unsafe { products.range(range.start * columns..range.end * columns) };
        let outs = out.chunks_exact_mut(columns).zip(products.chunks_exact_mut(columns));
        for (row, (out, product)) in range.zip(outs) {
            let gains = &style.value[row / places * 2 * columns..][..columns];
            let (grad, input) = (&grads[row * columns..][..columns], &values[row * columns..][..columns]);
            place_backward((grad, input), (gains, scales[row]), film, product, out);
        }
    });
}

/// One place's way back; `room` is memory as long as the place.
fn place_backward(
    (grad, input): (&[f32], &[f32]),
    (gains, scale): (&[f32], f32),
    film: Film,
    room: &mut [f32],
    out: &mut [f32],
) {
    // y = x s (1 + gain) with s = 1 / √(mean x² + ε): dy/dx = s (1 + gain) − x s³ mean(…)
    let mut along = 0.0;
    if film == Film::Normed {
        for ((product, x), (g, gain)) in room.iter_mut().zip(input).zip(grad.iter().zip(gains)) {
            *product = g * (1.0 + gain) * x;
        }
        along = strands(room, 0.0, |a, b| a + b) / grad.len() as f32 * scale * scale * scale;
    }
    for ((total, x), (g, gain)) in out.iter_mut().zip(input).zip(grad.iter().zip(gains)) {
        *total += g * (1.0 + gain) * scale - x * along;
    }
}

/// The way back to the rows that were added: threads share the images.
pub(super) fn rows_backward(slot: &Slot, rows: &mut Slot, machine: &Machine) {
    if !rows.wants {
        return;
    }
    let (columns, cost) = (slot.columns, slot.grad.len() / 2);
    let places = slot.rows / rows.rows.max(1);
    machine.team.rows(rows.grad_to_add(), columns, cost, &|range, out| {
        for (image, out) in range.zip(out.chunks_exact_mut(columns)) {
            for grad in
                slot.grad[image * places * columns..(image + 1) * places * columns].chunks_exact(columns)
            {
                for (total, value) in out.iter_mut().zip(grad) {
                    *total += value;
                }
            }
        }
    });
}
