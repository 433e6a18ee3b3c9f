//! Words as pixels.

use std::convert::Infallible;

use embedded_graphics::Drawable;
use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::iso_8859_1::{FONT_7X13, FONT_9X15_BOLD};
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle};
use embedded_graphics::pixelcolor::BinaryColor;
use embedded_graphics::text::{Alignment, Baseline, Text, TextStyleBuilder};

use super::png::Page;
use super::{Anchor, Colour, Style, Words};

const TITLE: Colour = [0x22; 3];
const LABEL: Colour = [0x44; 3];

/// Writes words on a page, in fonts whose letters are all as wide.
pub(super) fn write(page: &mut Page, words: &Words) {
    let (font, colour): (&MonoFont, Colour) = match words.style {
        Style::Title => (&FONT_9X15_BOLD, TITLE),
        Style::Label | Style::Upwards => (&FONT_7X13, LABEL),
    };
    let alignment = match words.anchor {
        Anchor::Begin => Alignment::Left,
        Anchor::Middle => Alignment::Center,
        Anchor::End => Alignment::Right,
    };
    let placed = TextStyleBuilder::new().alignment(alignment).baseline(Baseline::Alphabetic).build();
    let style = MonoTextStyle::new(font, BinaryColor::On);
    let mut pen = Pen { page, at: words.at, is_upwards: words.style == Style::Upwards, colour };
    let Ok(_) = Text::with_text_style(&words.text, Point::zero(), style, placed).draw(&mut pen);
}

/// Sets pixels about the point at which words stand.
struct Pen<'a> {
    page: &'a mut Page,
    at: (usize, usize),
    is_upwards: bool,
    colour: Colour,
}

impl OriginDimensions for Pen<'_> {
    fn size(&self) -> Size {
        Size::new(self.page.width as u32, self.page.height as u32)
    }
}

impl DrawTarget for Pen<'_> {
    type Color = BinaryColor;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<BinaryColor>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(Point { x, y }, colour) in pixels {
            let (x, y) = if self.is_upwards { (y, -x) } else { (x, y) };
            if colour.is_on() {
                self.page.set(self.at.0 as i64 + i64::from(x), self.at.1 as i64 + i64::from(y), self.colour);
            }
        }
        Ok(())
    }
}
