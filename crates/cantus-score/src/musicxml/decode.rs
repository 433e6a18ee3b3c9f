//! From bytes to text: UTF-8 and UTF-16, with a mark or declared, and the older encodings that a file declares.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The text of a file, without its byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default()).0;
    }
    let encoding = match bytes {
        [b'<', 0, ..] => UTF_16LE,
        [0, b'<', ..] => UTF_16BE,
        _ => declared(bytes).unwrap_or(UTF_8),
    };
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    text.unwrap_or_else(|| WINDOWS_1252.decode_without_bom_handling(bytes).0)
}

/// The encoding that the first line declares, of those that write ASCII as it is.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..bytes.len().min(200))?;
    let head = head.split(|&byte| byte == b'>').next()?;
    let after = head.windows(8).position(|window| window == b"encoding").and_then(|at| head.get(at + 8..))?;
    let quote = *after.iter().find(|byte| matches!(byte, b'"' | b'\''))?;
    let label = after.split(|&byte| byte == quote).nth(1)?;
    Encoding::for_label(label).filter(|encoding| encoding.is_ascii_compatible())
}
