//! How a kernel slides over images, and the products that convolutions and their adjoints are made of.
//!
//! An image is rows of numbers: one row a place, from left to right and from top to bottom, one number a channel. So a
//! place's channels lie together, as do the places that a row of a kernel covers: a patch is a few runs of memory, and
//! whatever works on rows of numbers works on images.
//!
//! Patches are copied side by side into a small buffer, a few lines of places at a time, and multiplied there. Every
//! number is one sum in a fixed order, whatever the number of threads.
#![allow(unsafe_code, reason = "threads share the lines, the images or the weights of one product")]

use std::ops::Range;

use crate::buffer::Buffer;
use crate::kernel::Workers;
use crate::kernel::block::{Block, Factor, pack};
use crate::product::{Start, View};
use crate::team::Parts;

/// How a kernel slides over an image: vertical sizes before horizontal ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patches {
    /// Height and width of the image.
    pub image: [usize; 2],
    /// How many numbers a place of the image has.
    pub channels: usize,
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
    /// How far it moves from place to place.
    pub stride: [usize; 2],
    /// How many rows or columns of zeros stand before and after the image.
    pub padding: [usize; 2],
}

impl Patches {
    /// How many places the kernel has, vertically and horizontally.
    ///
    /// # Panics
    /// If the kernel is larger than the padded image, or a size or stride is 0.
    pub fn grid(&self) -> [usize; 2] {
        [0, 1].map(|axis| {
            let room = self.image[axis] + 2 * self.padding[axis];
            let (kernel, stride) = (self.kernel[axis], self.stride[axis]);
            assert!(
                (1..=room).contains(&kernel) && stride > 0,
                "a kernel of {kernel} with stride {stride} does not fit into {room}"
            );
            (room - kernel) / stride + 1
        })
    }

    /// How many numbers a patch has.
    pub fn size(&self) -> usize {
        self.kernel[0] * self.kernel[1] * self.channels
    }

    /// How many numbers an image has.
    pub(crate) fn image_size(&self) -> usize {
        self.image[0] * self.image[1] * self.channels
    }

    /// How many places the kernel has.
    pub(crate) fn places(&self) -> usize {
        let [down, across] = self.grid();
        down * across
    }

    /// Copies parts of the patches of some lines, `range` of each patch, zeros where a patch leaves the image.
    fn copy(&self, images: &[f32], lines: Range<usize>, range: &Range<usize>, to: &mut [f32]) {
        self.runs(lines, range, |place, image| {
            let to = &mut to[place.start..place.start + place.length];
            let (before, rest) = to.split_at_mut(place.before);
            let (inside, after) = rest.split_at_mut(image.len());
            before.fill(0.0);
            inside.copy_from_slice(&images[image]);
            after.fill(0.0);
        });
    }

    /// Adds the patches of some lines to the images that they come from.
    fn add(&self, patches: &[f32], lines: Range<usize>, images: &mut [f32]) {
        self.runs(lines, &(0..self.size()), |place, image| {
            let patch = &patches[place.start + place.before..][..image.len()];
            for (total, value) in images[image].iter_mut().zip(patch) {
                *total += value;
            }
        });
    }

    /// Calls `each` with every run of memory of some lines' patches and the part of the images that it covers.
    #[inline]
    fn runs(&self, lines: Range<usize>, range: &Range<usize>, mut each: impl FnMut(Run, Range<usize>)) {
        let [down, across] = self.grid();
        let [height, width] = self.image.map(|size| size as isize);
        let (row, step) = (self.kernel[1] * self.channels, (self.stride[1] * self.channels) as isize);
        let line_size = width * self.channels as isize;
        let left = (self.padding[1] * self.channels) as isize;
        let first_line = lines.start;
        for line in lines {
            let (image, line_of) = (line / down, line % down);
            for part in range.start / row..range.end.div_ceil(row) {
                let run = range.start.max(part * row)..range.end.min((part + 1) * row);
                let y = (line_of * self.stride[0] + part) as isize - self.padding[0] as isize;
                let inside = (0..height).contains(&y);
                let origin = (image as isize * height + y) * line_size;
                for place in 0..across {
                    let start =
                        ((line - first_line) * across + place) * range.len() + run.start - range.start;
                    let x = place as isize * step - left + (run.start - part * row) as isize;
                    let (from, to) = (x.clamp(0, line_size), (x + run.len() as isize).clamp(0, line_size));
                    let before = if inside { (from - x).clamp(0, run.len() as isize) as usize } else { 0 };
                    let place = Run { start, length: run.len(), before };
                    if inside {
                        each(place, (origin + from) as usize..(origin + to) as usize);
                    } else {
                        each(place, 0..0);
                    }
                }
            }
        }
    }
}

/// A run of numbers of a patch: where it starts, how long it is, and how much of it comes before the image.
#[derive(Clone, Copy)]
struct Run {
    start: usize,
    length: usize,
    before: usize,
}

/// Products with the patches of some images; `scratch` is memory for the copies.
pub(crate) struct Sliding<'a> {
    pub(crate) patches: Patches,
    pub(crate) workers: &'a Workers<'a>,
    pub(crate) scratch: &'a mut Buffer,
    /// Memory for the weights as blocks read them.
    pub(crate) panels: &'a mut Buffer,
}

/// How many numbers of patches are copied at a time, if that is at least a line of places.
const COPIED: usize = 64 * 1024;

impl Sliding<'_> {
    /// `out = start + patches of the images × weights`.
    ///
    /// # Shapes
    /// `images` `[n * height * width, channels]`, `weights` `[size, filters]`, `out` `[n * places, filters]`.
    pub(crate) fn gather(self, images: &[f32], weights: View, start: Start, out: &mut [f32]) {
        let (size, across, filters) = (self.patches.size(), self.patches.grid()[1], weights.columns());
        let lines = out.len() / (across * filters).max(1);
        let most = lines_at_once(across * size);
        let Self { patches, workers, scratch, panels } = self;
        let (packed, &Workers { team, path }) = (Some(pack(workers, weights, panels)), workers);
        let (room, out) = (Room::new(scratch, team.threads(), most * across * size), Parts::new(out));
        team.shares(lines.div_ceil(most), &|thread, chunks| {
            // SAFETY: every thread has its own part of the scratch memory.
            let copies = unsafe { room.of(thread) };
            for chunk in chunks {
                let lines = chunk * most..((chunk + 1) * most).min(lines);
                let rows = lines.len() * across;
                patches.copy(images, lines.clone(), &(0..size), copies);
                let places = lines.start * across * filters..lines.end * across * filters;
                // SAFETY: every chunk has its own lines.
                let out = Parts::new(unsafe { out.range(places) });
                let left = Factor { a: View::new(copies, rows, size), start, out };
                path.run(Block { lefts: &[left], b: weights, packed, rows: 0..rows, columns: 0..filters });
            }
        });
    }

    /// `images = start` plus `small × weights`, whose rows are patches, added where the patches lie: the adjoint of
    /// [`Sliding::gather`].
    ///
    /// # Shapes
    /// `small` `[n * places, filters]`, `weights` `[filters, size]`, `images` `[n * height * width, channels]`.
    pub(crate) fn scatter(self, small: &[f32], weights: View, start: Start, images: &mut [f32]) {
        let ([down, across], size, filters) = (self.patches.grid(), self.patches.size(), weights.rows());
        let (count, image_size) = (images.len() / self.patches.image_size(), self.patches.image_size());
        let most = lines_at_once(across * size);
        let Self { patches, workers, scratch, panels } = self;
        let (packed, &Workers { team, path }) = (Some(pack(workers, weights, panels)), workers);
        let (room, images) = (Room::new(scratch, team.threads(), most * across * size), Parts::new(images));
        team.shares(count, &|thread, share| {
            // SAFETY: every thread has its own part of the scratch memory and its own images.
            let (copies, images) =
                unsafe { (room.of(thread), images.range(share.start * image_size..share.end * image_size)) };
            let mut begun = 0;
            for first in (0..share.len() * down).step_by(most) {
                let lines = first..(first + most).min(share.len() * down);
                let reached = lines.end.div_ceil(down);
                begin(start, patches.channels, &mut images[begun * image_size..reached * image_size]);
                begun = reached;
                let rows = lines.len() * across;
                let places = (share.start * down + first) * across * filters;
                let a = View::new(&small[places..places + rows * filters], rows, filters);
                let out = Parts::new(&mut copies[..rows * size]);
                let left = Factor { a, start: Start::Zero, out };
                path.run(Block { lefts: &[left], b: weights, packed, rows: 0..rows, columns: 0..size });
                patches.add(copies, lines, images);
            }
        });
    }

    /// Adds `(patches of the images)ᵀ × small` to `weights`.
    ///
    /// # Shapes
    /// `images` `[n * height * width, channels]`, `small` `[n * places, filters]`, `weights` `[size, filters]`.
    pub(crate) fn weigh(self, images: &[f32], small: &[f32], weights: &mut [f32]) {
        let (size, across) = (self.patches.size(), self.patches.grid()[1]);
        let filters = weights.len() / size;
        let lines = small.len() / (across * filters).max(1);
        let (team, threads) = (self.workers.team, self.workers.team.threads());
        let share = size.div_ceil(threads);
        let most = lines_at_once(across * share);
        let Self { patches, workers: &Workers { path, .. }, scratch, .. } = self;
        let (room, weights) = (Room::new(scratch, threads, most * across * share), Parts::new(weights));
        team.shares(size, &|thread, range| {
            // SAFETY: every thread has its own part of the scratch memory and its own weights.
            let (copies, weights) =
                unsafe { (room.of(thread), weights.range(range.start * filters..range.end * filters)) };
            for first in (0..lines).step_by(most) {
                let lines = first..(first + most).min(lines);
                let rows = lines.len() * across;
                patches.copy(images, lines, &range, copies);
                let a = View::new(copies, rows, range.len()).transposed();
                let b = View::new(&small[first * across * filters..][..rows * filters], rows, filters);
                let left = Factor { a, start: Start::Out, out: Parts::new(weights) };
                path.run(Block {
                    lefts: &[left],
                    b,
                    packed: None,
                    rows: 0..range.len(),
                    columns: 0..filters,
                });
            }
        });
    }
}

/// Gives images what sums begin with.
fn begin(start: Start, channels: usize, images: &mut [f32]) {
    match start {
        Start::Zero => images.fill(0.0),
        Start::Row(row) => images.chunks_exact_mut(channels).for_each(|place| place.copy_from_slice(row)),
        Start::Out => {}
    }
}

/// Memory for each thread of a team.
#[derive(Clone, Copy)]
struct Room<'a> {
    all: Parts<'a>,
    each: usize,
}

impl<'a> Room<'a> {
    fn new(scratch: &'a mut Buffer, threads: usize, each: usize) -> Self {
        scratch.resize(threads * each);
        Self { all: Parts::new(scratch), each }
    }

    /// The memory of one thread.
    ///
    /// # Safety
    /// It must be borrowed once at a time.
    unsafe fn of(self, thread: usize) -> &'a mut [f32] {
        // SAFETY: threads' parts are disjoint, and the caller promises the rest.
        unsafe { self.all.range(thread * self.each..(thread + 1) * self.each) }
    }
}

/// How many lines of so many numbers are copied at a time.
fn lines_at_once(line: usize) -> usize {
    (COPIED / line.max(1)).max(1)
}
