//! Laws of plots.

use super::{Axis, Matrix, Reach, WIDTH, Waveform};
use crate::drawing::tests::read;
use crate::drawing::{Area, Colour, Drawing, Shape};

fn matrix(values: &[f64], columns: usize) -> Matrix {
    Matrix {
        values: values.to_vec(),
        columns,
        range: (0.0, 1.0),
        unit: "dB".to_owned(),
        title: "a < b".to_owned(),
        axes: (Axis::seconds(10.0), Axis::counted("bar", 2)),
        marks: Vec::new(),
    }
}

/// Where the numbers lie.
fn area(drawing: &Drawing) -> Area {
    let areas = drawing.shapes.iter().find_map(|shape| match shape {
        Shape::Raster(area, _) => Some(*area),
        _ => None,
    });
    areas.unwrap()
}

/// The pixels of the plot, from its upper left corner.
fn pixels(drawing: &Drawing) -> impl Fn(usize, usize) -> Colour {
    let ((width, _, page), area) = (read(&drawing.png()), area(drawing));
    move |x, y| page[(area.top + y) * width + area.left + x]
}

#[test]
fn each_number_is_a_square_of_its_colour() {
    let drawing = matrix(&[0.0, 1.0, 0.5, f64::NAN], 2).drawing();
    assert_eq!((area(&drawing).width, area(&drawing).height), (640, 640));
    let pixel = pixels(&drawing);
    assert_eq!((pixel(0, 0), pixel(319, 319)), ([68, 1, 84], [68, 1, 84]));
    assert_eq!((pixel(320, 0), pixel(0, 320)), ([253, 231, 37], [33, 145, 140]));
}

#[test]
fn a_table_is_as_wide_however_many_columns_it_has() {
    for columns in [3, 17, 959, 960, 961, 20_000] {
        let mut values = vec![0.0; 12 * columns];
        // The last column, the fifth row.
        values[5 * columns - 1] = 1.0;
        let drawing = matrix(&values, columns).drawing();
        assert_eq!((area(&drawing).width, area(&drawing).height), (WIDTH, 384));
        if columns <= WIDTH {
            assert_eq!(pixels(&drawing)(WIDTH - 1, 4 * 32 + 16), [253, 231, 37], "{columns} columns");
        }
    }
}

#[test]
fn brightness_rises_with_the_number() {
    let matrix = matrix(&[0.0], 1);
    let light = |value: f64| {
        let [red, green, blue] = matrix.colour(value).map(f64::from);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    };
    let lights: Vec<f64> = (0..=50).map(|step| light(f64::from(step) / 50.0)).collect();
    assert!(lights.windows(2).all(|pair| pair[0] < pair[1]), "{lights:?}");
}

#[test]
fn a_picture_of_nothing_is_a_picture() {
    let nothing = matrix(&[], 0).drawing();
    assert!(read(&nothing.png()).0 > 1 && nothing.svg().ends_with("</svg>\n"));
    let text = Matrix { marks: vec![1], ..matrix(&[0.0, 1.0, 1.0, 0.0], 2) }.drawing().svg();
    assert!(text.contains("a &lt; b") && text.contains("data:image/png;base64,iVBOR"));
    let silence = Waveform { reaches: Vec::new(), seconds: 0.0, title: String::new() }.drawing();
    assert_eq!(area(&silence).width, WIDTH);
}

#[test]
fn a_wave_reaches_as_far_as_its_samples() {
    let reach = |highest: f64| Reach { lowest: -highest / 2.0, highest, rms: highest / 4.0 };
    let wave =
        Waveform { reaches: vec![reach(0.1), reach(0.4)], seconds: 2.0, title: String::new() }.drawing();
    let (height, pixel) = (area(&wave).height, pixels(&wave));
    let column = |x: usize| (0..height).map(|y| pixel(x, y)).collect::<Vec<_>>();
    let inked = |x: usize, colour: Colour| column(x).iter().filter(|other| **other == colour).count();
    // The edges stand for 0.5: of the second half, 0.4 above and 0.2 below are 0.6 of the height.
    let [light, dark] = [[0x8f, 0xb8, 0xde], [0x1f, 0x4e, 0x8c]];
    let all = |x: usize| inked(x, light) + inked(x, dark);
    let whole = height as f64;
    assert!((all(WIDTH / 2) as f64 - 0.6 * whole).abs() < 3.0, "{}", all(WIDTH / 2));
    assert!((all(WIDTH / 2 - 1) as f64 - 0.15 * whole).abs() < 3.0, "{}", all(WIDTH / 2 - 1));
    assert!((inked(WIDTH / 2, dark) as f64 - 0.2 * whole).abs() < 3.0);
    assert_eq!(column(0)[0], [255; 3]);
}
