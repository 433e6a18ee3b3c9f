//! Drawings of fields, words and pixels, which SVG and PNG show alike.

mod letters;
mod png;
mod svg;
#[cfg(test)]
pub(crate) mod tests;

/// A colour: red, green and blue.
pub type Colour = [u8; 3];

/// What is drawn on a white page, one shape over the other, in pixels from the upper left corner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// The page's width.
    pub width: usize,
    /// The page's height.
    pub height: usize,
    /// What the page shows, in words.
    pub title: String,
    /// What is on it.
    pub shapes: Vec<Shape>,
}

/// Something on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// A field of one colour.
    Field(Area, Colour),
    /// A table of colours that fills an area, each a field as large as the others or a pixel larger.
    Raster(Area, Raster),
    /// Words.
    Words(Words),
}

/// A part of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// From the page's left edge to its own.
    pub left: usize,
    /// From the page's upper edge to its own.
    pub top: usize,
    /// From left to right.
    pub width: usize,
    /// From top to bottom.
    pub height: usize,
}

impl Area {
    /// The first column beyond it.
    pub const fn right(&self) -> usize {
        self.left + self.width
    }

    /// The first line below it.
    pub const fn bottom(&self) -> usize {
        self.top + self.height
    }
}

/// Colours in lines, the first at the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raster {
    /// How many colours a line has.
    pub columns: usize,
    /// The colours, line after line. Shape: `[lines, columns]`.
    pub colours: Vec<Colour>,
}

impl Raster {
    /// How many lines there are.
    pub fn lines(&self) -> usize {
        self.colours.len().checked_div(self.columns).unwrap_or(0)
    }

    /// Spread over so many pixels: each takes the colour that lies there.
    fn spread(&self, width: usize, height: usize) -> Self {
        let lines = self.lines();
        let colour = |pixel: usize| {
            let (x, y) = (pixel % width, pixel / width);
            self.colours[y * lines / height * self.columns + x * self.columns / width]
        };
        let count = if lines == 0 { 0 } else { width * height };
        Self { columns: width, colours: (0..count).map(colour).collect() }
    }
}

/// Words of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What they say.
    pub text: String,
    /// Where they stand: a point of the line on which letters stand.
    pub at: (usize, usize),
    /// Which part of them is at that point.
    pub anchor: Anchor,
    /// How they are written.
    pub style: Style,
}

/// Which part of some words is where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Their beginning.
    Begin,
    /// Their middle.
    Middle,
    /// Their end.
    End,
}

/// How words are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Large and bold, of the whole page.
    Title,
    /// Small, of a place.
    Label,
    /// Small and from bottom to top.
    Upwards,
}
