//! Laws of forms.

use super::form::form;

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
