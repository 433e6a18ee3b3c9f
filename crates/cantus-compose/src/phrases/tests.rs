//! Laws of forms.

use super::form::{form, of_sections};
use crate::sections::Form;

#[test]
fn what_was_there_returns_and_something_new_comes() {
    let told = |count: usize| -> String {
        form(count).iter().map(|letter| char::from(b'A' + letter.of as u8)).collect()
    };
    assert_eq!(told(1), "A");
    assert_eq!(told(2), "AA");
    assert_eq!(told(4), "AABA");
    assert_eq!(told(8), "AABACCBA");
    assert_eq!(told(16), "AABACCBADDBAEEBA");
    assert_eq!(form(4).iter().map(|letter| letter.again).collect::<Vec<_>>(), [0, 1, 0, 2]);
}

#[test]
fn phrases_return_with_their_sections() {
    let form: Form = "ABA".parse().unwrap();
    let letters = |bars: u32, joined: u32| of_sections(&form.sections(bars).unwrap(), joined);
    let told = |bars: u32, joined: u32| -> Vec<(usize, usize)> {
        letters(bars, joined).unwrap().iter().map(|letter| (letter.of, letter.again)).collect()
    };
    assert_eq!(told(24, 1), [(0, 0), (1, 0), (2, 0), (3, 0), (0, 1), (1, 1)]);
    assert_eq!(told(24, 2), [(0, 0), (1, 0), (0, 1)]);
    assert!(letters(18, 1).unwrap_err().to_string().contains("a multiple of 4"));
}
