//! Laws of what is measured on files.

use cantus_score::notation::parse;
use cantus_score::{Strictness, npy};

use super::{Measured, Selection, arrays, measured_as_json};

fn pieces() -> Vec<Measured> {
    let music = [
        ("one, \"two\".mid", "meter=4/4 | C5/4 E5/4 G5/2 B4/4 D5/4 G5/2 C5/1 | C4/1 G3/1 C4/1"),
        ("three.mid", "meter=3/4 | A4/4 B4/4 C5/4 A4/2."),
    ];
    music
        .map(|(name, music)| Measured::of(name.to_owned(), &parse(music).unwrap(), &Selection::default()))
        .to_vec()
}

#[test]
fn every_row_has_its_columns_everywhere() {
    let selection = Selection::default();
    for piece in pieces() {
        assert_eq!(piece.piece.len(), selection.of_pieces().count());
        let own = selection.of_pieces().zip(&piece.piece);
        let bars = piece.bars.iter().flat_map(|bar| selection.of_bars().zip(bar));
        for (descriptor, values) in own.chain(bars) {
            if let Some(values) = values {
                assert_eq!(values.len(), descriptor.columns().len(), "{}", descriptor.name);
            }
        }
        let json = measured_as_json(&piece);
        assert_eq!(json["bars"].as_array().unwrap().len(), piece.bars.len());
        assert_eq!(json["features"].as_object().unwrap().len(), piece.piece.len());
    }
    let json = measured_as_json(&pieces()[0]);
    assert_eq!(json["chords"][0]["name"], "C:maj");
    assert_eq!(json["keys"][0]["name"], "C major");
    assert_eq!(json["keys"][0]["to"], 12.0);
}

#[test]
fn tables_and_arrays_tell_the_same() {
    let pieces = pieces();
    let csv = arrays::csv(&pieces, &Selection::default());
    let lines: Vec<&str> = csv.lines().collect();
    let columns =
        Selection::default().of_pieces().map(|descriptor| descriptor.columns().len()).sum::<usize>();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0].split(',').count(), columns + 1);
    assert!(lines[1].starts_with("\"one, \"\"two\"\".mid\","));
    let bytes = arrays::npy(&pieces, &Selection::default()).unwrap();
    let array = npy::read(&bytes, None, Strictness::Strict).unwrap().value;
    assert_eq!(array.shape(), [2, columns]);
    let told: Vec<f64> = lines[2].split(',').skip(1).map(|cell| cell.parse().unwrap_or(f64::NAN)).collect();
    let same = |(one, other): (&f64, f64)| one.to_bits() == other.to_bits() || one.is_nan() && other.is_nan();
    assert!(told.iter().zip(array.values(columns..2 * columns)).all(same));
}

#[test]
fn an_archive_holds_pieces_bars_and_beats() {
    let bytes = arrays::npz(&pieces(), &Selection::default()).unwrap();
    let shape =
        |name: &str| npy::read(&bytes, Some(name), Strictness::Strict).unwrap().value.shape().to_vec();
    assert_eq!(shape("density"), [2]);
    assert_eq!(shape("pitch_classes"), [2, 12]);
    assert_eq!(shape("bars.tension"), [5]);
    assert_eq!(shape("bars.form"), [5, 3]);
    assert_eq!(shape("beats.chord"), [18, 3]);
    let owners = npy::read(&bytes, Some("bars.piece"), Strictness::Strict).unwrap().value;
    assert_eq!(owners.values(0..5), [0.0, 0.0, 0.0, 1.0, 1.0]);
}
