//! Operations on images as grids of places: repeated, averaged, picked, moved.
//!
//! An image is rows of numbers, one row a place, as in [`Patches`](crate::Patches).

use super::{Machine, Op, Slot, Tape, Var};

/// How places of a fine grid belong to those of a coarse one, each to a block of `factor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Blocks {
    /// Height and width of the coarse grid.
    coarse: [usize; 2],
    /// Height and width of a block.
    factor: [usize; 2],
}

/// How an image moves, and by how many rows and columns, downwards and to the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shift {
    image: [usize; 2],
    by: [isize; 2],
}

impl Blocks {
    /// The blocks of an image that fills its grid.
    fn of(image: [usize; 2], factor: [usize; 2]) -> Self {
        let coarse = [0, 1].map(|axis| {
            let (size, factor) = (image[axis], factor[axis]);
            assert!(
                factor > 0 && size.is_multiple_of(factor),
                "{size} places cannot be cut into blocks of {factor}"
            );
            size / factor
        });
        Self { coarse, factor }
    }

    fn fine_places(self) -> usize {
        self.coarse_places() * self.block()
    }

    fn coarse_places(self) -> usize {
        self.coarse[0] * self.coarse[1]
    }

    fn block(self) -> usize {
        self.factor[0] * self.factor[1]
    }

    /// The coarse place of a fine one, all images counted through.
    fn coarse_of(self, fine: usize) -> usize {
        let width = self.coarse[1] * self.factor[1];
        let (line, across) = (fine / width, fine % width);
        line / self.factor[0] * self.coarse[1] + across / self.factor[1]
    }

    /// The first fine place of a coarse one's block.
    fn first_of(self, coarse: usize) -> usize {
        let (line, across) = (coarse / self.coarse[1], coarse % self.coarse[1]);
        (line * self.factor[0] * self.coarse[1] + across) * self.factor[1]
    }

    /// The fine places of a coarse one, row by row.
    fn fine_of(self, coarse: usize) -> impl Iterator<Item = usize> {
        let (first, width) = (self.first_of(coarse), self.coarse[1] * self.factor[1]);
        (0..self.factor[0])
            .flat_map(move |down| (0..self.factor[1]).map(move |across| first + down * width + across))
    }
}

impl Shift {
    /// The place that comes to a place, if it lies in the image.
    fn source(self, place: usize) -> Option<usize> {
        let [height, width] = self.image;
        let (line, across) = (place / width, place % width);
        let down = (line % height).checked_add_signed(-self.by[0]).filter(|&y| y < height)?;
        let across = across.checked_add_signed(-self.by[1]).filter(|&x| x < width)?;
        Some((line - line % height + down) * width + across)
    }

    fn back(self) -> Self {
        Self { by: self.by.map(|by| -by), ..self }
    }
}

impl Tape {
    /// Every place repeated `factor` times down and across: nearest upsampling.
    ///
    /// # Shapes
    /// `x` holds images of `grid` (height and width), `[n * height * width, channels]`; result the same with both
    /// multiplied by `factor`.
    ///
    /// # Panics
    /// If `x` is no whole number of such images.
    pub fn upsample(&mut self, x: Var, grid: [usize; 2], factor: [usize; 2]) -> Var {
        let blocks = Blocks { coarse: grid, factor };
        let (rows, columns) = self.shape(x);
        assert_whole(rows, blocks.coarse_places());
        let (var, slot, earlier) = self.graph.next([rows * blocks.block(), columns]);
        let source = &earlier[x.0];
        let cost = slot.value.len() / 2;
        self.machine.team.rows(&mut slot.value, columns, cost, &|range, out| {
            for (place, out) in range.zip(out.chunks_exact_mut(columns)) {
                out.copy_from_slice(&source.value[blocks.coarse_of(place) * columns..][..columns]);
            }
        });
        slot.wants = source.wants;
        slot.op = Op::Upsample { x, blocks };
        var
    }

    /// The mean of every block of `factor` places down and across.
    ///
    /// # Shapes
    /// `x` holds images of `image` (height and width), `[n * height * width, channels]`; result the same with both
    /// divided by `factor`.
    ///
    /// # Panics
    /// If the image is no whole number of blocks, or `x` of images.
    pub fn mean_pool(&mut self, x: Var, image: [usize; 2], factor: [usize; 2]) -> Var {
        let blocks = Blocks::of(image, factor);
        let (rows, columns) = self.shape(x);
        assert_whole(rows, blocks.fine_places());
        let (var, slot, earlier) = self.graph.next([rows / blocks.block(), columns]);
        let source = &earlier[x.0];
        slot.value.fill(0.0);
        gather(&source.value, &mut slot.value, (blocks, columns, 1.0 / blocks.block() as f32), &self.machine);
        slot.wants = source.wants;
        slot.op = Op::MeanPool { x, blocks };
        var
    }

    /// The first place of every block of `stride` places down and across.
    ///
    /// # Shapes
    /// As [`Tape::mean_pool`].
    ///
    /// # Panics
    /// If the image is no whole number of blocks, or `x` of images.
    pub fn pick(&mut self, x: Var, image: [usize; 2], stride: [usize; 2]) -> Var {
        let blocks = Blocks::of(image, stride);
        let (rows, columns) = self.shape(x);
        assert_whole(rows, blocks.fine_places());
        let (var, slot, earlier) = self.graph.next([rows / blocks.block(), columns]);
        let source = &earlier[x.0];
        for (place, out) in slot.value.chunks_exact_mut(columns.max(1)).enumerate() {
            out.copy_from_slice(&source.value[blocks.first_of(place) * columns..][..columns]);
        }
        slot.wants = source.wants;
        slot.op = Op::Pick { x, blocks };
        var
    }

    /// Every image moved by so many rows down and columns to the right; what comes in is zero.
    ///
    /// # Shapes
    /// `x` holds images of `image` (height and width), `[n * height * width, channels]`, result the same.
    ///
    /// # Panics
    /// If `x` is no whole number of such images.
    pub fn shift(&mut self, x: Var, image: [usize; 2], by: [isize; 2]) -> Var {
        let shift = Shift { image, by };
        let (rows, columns) = self.shape(x);
        assert_whole(rows, image[0] * image[1]);
        let (var, slot, earlier) = self.graph.next([rows, columns]);
        let source = &earlier[x.0];
        slot.value.fill(0.0);
        move_places(&source.value, &mut slot.value, (shift, columns), &self.machine);
        slot.wants = source.wants;
        slot.op = Op::Shift { x, shift };
        var
    }
}

fn assert_whole(rows: usize, places: usize) {
    assert!(
        places > 0 && rows.is_multiple_of(places),
        "images of {places} places cannot be cut from {rows} rows"
    );
}

/// Adds `scale` times the sum of each block to its coarse place.
fn gather(
    fine: &[f32],
    coarse: &mut [f32],
    (blocks, columns, scale): (Blocks, usize, f32),
    machine: &Machine,
) {
    let cost = fine.len() / 2;
    machine.team.rows(coarse, columns, cost, &|range, out| {
        for (place, out) in range.zip(out.chunks_exact_mut(columns)) {
            for source in blocks.fine_of(place) {
                for (total, value) in out.iter_mut().zip(&fine[source * columns..][..columns]) {
                    *total += scale * value;
                }
            }
        }
    });
}

/// Adds to each place the one that comes to it.
fn move_places(from: &[f32], to: &mut [f32], (shift, columns): (Shift, usize), machine: &Machine) {
    let cost = to.len() / 2;
    machine.team.rows(to, columns, cost, &|range, out| {
        for (place, out) in range.zip(out.chunks_exact_mut(columns)) {
            if let Some(source) = shift.source(place) {
                for (total, value) in out.iter_mut().zip(&from[source * columns..][..columns]) {
                    *total += value;
                }
            }
        }
    });
}

pub(super) fn upsample_backward(slot: &Slot, x: &mut Slot, blocks: Blocks, machine: &Machine) {
    if x.wants {
        let columns = x.columns;
        gather(&slot.grad, x.grad_to_add(), (blocks, columns, 1.0), machine);
    }
}

pub(super) fn mean_pool_backward(slot: &Slot, x: &mut Slot, blocks: Blocks, machine: &Machine) {
    if !x.wants {
        return;
    }
    let (columns, scale, cost) = (x.columns, 1.0 / blocks.block() as f32, x.value.len() / 2);
    machine.team.rows(x.grad_to_add(), columns, cost, &|range, out| {
        for (place, out) in range.zip(out.chunks_exact_mut(columns)) {
            let source = &slot.grad[blocks.coarse_of(place) * columns..][..columns];
            for (total, value) in out.iter_mut().zip(source) {
                *total += scale * value;
            }
        }
    });
}

pub(super) fn pick_backward(slot: &Slot, x: &mut Slot, blocks: Blocks) {
    if !x.wants {
        return;
    }
    let columns = x.columns;
    let out = x.grad_to_add();
    for (place, grad) in slot.grad.chunks_exact(columns.max(1)).enumerate() {
        let totals = &mut out[blocks.first_of(place) * columns..][..columns];
        for (total, value) in totals.iter_mut().zip(grad) {
            *total += value;
        }
    }
}

pub(super) fn shift_backward(slot: &Slot, x: &mut Slot, shift: Shift, machine: &Machine) {
    if x.wants {
        let columns = x.columns;
        move_places(&slot.grad, x.grad_to_add(), (shift.back(), columns), machine);
    }
}
