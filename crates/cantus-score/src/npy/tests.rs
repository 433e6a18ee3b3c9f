//! What holds of arrays and their files.

use proptest::prelude::*;

use super::*;

fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/npy");
    std::fs::read(format!("{folder}/{name}")).unwrap()
}

fn tolerant(name: &str) -> Result<Array, NpyError> {
    read(&fixture(name), None, Strictness::Tolerant).map(|read| {
        assert_eq!(read.warnings, []);
        read.value
    })
}

/// The numbers that `make.py` wrote.
fn expected(element: Element, place: usize) -> f64 {
    match element {
        Element::Bool => f64::from(u8::from(place.is_multiple_of(3))),
        element if element.is_whole() => place as f64,
        _ => place as f64 / 2.0,
    }
}

#[test]
fn every_kind_and_order_that_numpy_writes_is_read() {
    for element in Element::ALL {
        let code = if element == Element::Bool { "bool".to_owned() } else { element.code()[1..].to_owned() };
        for side in if element.size() > 1 { &["little", "big"][..] } else { &["little"] } {
            for order in ["C", "F"] {
                let name = format!("{code}-{side}-{order}.npy");
                let array = tolerant(&name).unwrap();
                assert_eq!((array.shape(), array.element()), (&[2, 3, 4][..], element), "{name}");
                let numbers: Vec<f64> = (0..24).map(|place| expected(element, place)).collect();
                assert_eq!(array.values(0..24), numbers, "{name}");
            }
        }
    }
}

#[test]
fn versions_and_shapes_that_numpy_writes_are_read() {
    let plain = tolerant("f4-little-C.npy").unwrap();
    for version in 1..=3 {
        assert_eq!(tolerant(&format!("version-{version}.npy")).unwrap(), plain);
    }
    assert_eq!(tolerant("scalar.npy").unwrap().shape(), [0usize; 0]);
    assert_eq!(tolerant("scalar.npy").unwrap().values(0..9), [7.0]);
    assert_eq!(tolerant("vector.npy").unwrap().values(1..4), [1.0, 2.0, 3.0]);
    assert_eq!(tolerant("nothing.npy").unwrap().shape(), [0, 3]);
    assert!(tolerant("nothing.npy").unwrap().is_empty());
}

#[test]
fn arrays_of_an_archive_are_read_by_name() {
    assert_eq!(tolerant("one.npz").unwrap().element(), Element::U8);
    let two = fixture("two.npz");
    assert_eq!(names(&two).unwrap(), ["train", "valid"]);
    let valid = read(&two, Some("valid"), Strictness::Strict).unwrap().value;
    assert_eq!(valid, tolerant("bool-little-C.npy").unwrap());
    let known = vec!["train".to_owned(), "valid".to_owned()];
    assert_eq!(tolerant("two.npz"), Err(NpyError::Several(known.clone())));
    let missing = read(&two, Some("test"), Strictness::Tolerant).unwrap_err();
    assert_eq!(missing, NpyError::NoSuchArray { name: "test".to_owned(), known });
}

#[test]
fn what_is_no_array_of_numbers_is_refused_with_the_reason() {
    for (name, words) in [
        ("pickled.npy", "pickled Python objects"),
        ("complex.npy", "complex numbers (<c8)"),
        ("text.npy", "text (<U2)"),
        ("date.npy", "dates and times"),
        ("table.npy", "a table with named columns"),
        ("bomb.npz", "100 times its size and 64 MiB"),
    ] {
        let message = tolerant(name).unwrap_err().to_string();
        assert!(message.contains(words), "{name}: {message}");
    }
}

/// A header with a shape of one's own before a few numbers.
fn lie(shape: &str, bytes: usize) -> Vec<u8> {
    let text = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}");
    let length = (text.len() as u16).to_le_bytes();
    [MAGIC, &[1, 0], &length, text.as_bytes(), &vec![0; bytes]].concat()
}

#[test]
fn a_cut_file_gives_its_whole_items_and_a_lying_one_nothing() {
    let cut = read(&lie("(5, 2, 3)", 80), None, Strictness::Tolerant).unwrap();
    assert_eq!(cut.value.shape(), [3, 2, 3]);
    assert!(cut.warnings[0].to_string().contains("3 of 5 items"), "{}", cut.warnings[0]);
    assert!(read(&lie("(5, 2, 3)", 80), None, Strictness::Strict).is_err());
    let long = read(&lie("(2,)", 9), None, Strictness::Tolerant).unwrap();
    assert!(long.value.len() == 2 && long.warnings[0].to_string().contains("1 bytes follow"));
    assert_eq!(read(&lie("(2,)", 9), None, Strictness::Strict), Err(NpyError::Trailing(1)));
    for shape in ["(1000000000000, 1000000000000, 1000000000000)", "(7, 99999999999)", "(9,)", "(5, 0, -1)"] {
        assert!(read(&lie(shape, 3), None, Strictness::Tolerant).is_err(), "{shape}");
    }
    assert_eq!(
        read(&lie("(99999999999999999999, 0)", 0), None, Strictness::Tolerant).unwrap_err().hint(),
        NpyError::NotNumpy.hint()
    );
    let rank = format!("({})", "1, ".repeat(65));
    assert_eq!(read(&lie(&rank, 4), None, Strictness::Tolerant), Err(NpyError::Rank(65)));
}

#[test]
fn numbers_beyond_a_kind_become_its_ends() {
    let values = [-300.0, -0.4, 127.5, 1e30, f64::NAN];
    for (element, result) in [
        (Element::U8, [0.0, 0.0, 128.0, 255.0, 0.0]),
        (Element::I8, [-128.0, 0.0, 127.0, 127.0, 0.0]),
        (Element::Bool, [1.0, 1.0, 1.0, 1.0, 0.0]),
    ] {
        let array = Array::from_values(&[5], element, &values).unwrap();
        assert_eq!(array.values(0..5), result, "{element}");
    }
    let half = Array::from_values(&[1], Element::F16, &[1e30]).unwrap();
    assert_eq!(half.values(0..1), [65504.0]);
    assert!(Array::from_values(&[3], Element::F32, &[0.0]).is_err());
    assert!(Array::from_values(&[usize::MAX, 2], Element::F64, &[0.0]).is_err());
}

/// An array of any kind and a small shape, its numbers random bytes.
fn array() -> impl Strategy<Value = Array> {
    let shape = proptest::collection::vec(0usize..5, 0..4);
    (shape, 0..Element::ALL.len()).prop_flat_map(|(shape, kind)| {
        let element = Element::ALL[kind];
        let most = if element == Element::Bool { 2u32 } else { 256 };
        let bytes = proptest::collection::vec(0..most, shape.iter().product::<usize>() * element.size());
        bytes.prop_map(move |bytes| {
            let bytes = bytes.into_iter().map(|byte: u32| byte as u8).collect();
            Array::new(&shape, element, bytes).unwrap()
        })
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_to_the_bit(array in array(), other in array()) {
        let file = write(&array);
        prop_assert_eq!(file.len() % 64, array.bytes().len() % 64);
        let back = read(&file, None, Strictness::Strict).unwrap();
        prop_assert_eq!((&back.value, back.warnings.len()), (&array, 0));
        let archive = write_archive(&[("one", &array), ("other", &other)]).unwrap();
        prop_assert_eq!(&archive, &write_archive(&[("one", &array), ("other", &other)]).unwrap());
        prop_assert_eq!(read(&archive, Some("other"), Strictness::Strict).unwrap().value, other);
    }

    #[test]
    fn values_are_kept_by_every_kind_that_can_tell_them(values in proptest::collection::vec(0u8..=127, 0..20)) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        for element in Element::ALL.into_iter().filter(|element| *element != Element::Bool) {
            let array = Array::from_values(&[values.len()], element, &values).unwrap();
            prop_assert_eq!(array.values(0..values.len()), values.clone());
        }
    }

    #[test]
    fn any_bytes_are_an_array_or_refused(
        name in prop_oneof![Just("f8-big-F.npy"), Just("two.npz"), Just("version-3.npy"), Just("table.npy")],
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let mut file = fixture(name);
        for (place, byte) in changes {
            let place = place.index(file.len());
            file[place] = byte;
        }
        if is_cut {
            file.truncate(cut.index(file.len()));
        }
        for name in [None, Some("train")] {
            if let Ok(read) = read(&file, name, Strictness::Tolerant) {
                prop_assert_eq!(read.value.shape().iter().product::<usize>(), read.value.len());
            }
        }
    }
}
