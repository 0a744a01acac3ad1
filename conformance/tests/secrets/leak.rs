//! What is planted, and the search for it.

use bytes::Bytes;
use http::Response;

/// A secret's value that could be the name of one, too.
pub(crate) const PLANTED: &str = "planted_5ecret";

/// The value as it is, and in the forms in which a careless program shows bytes.
fn forms() -> [String; 5] {
    let bytes = PLANTED.as_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [
        PLANTED.to_owned(),
        PLANTED.to_ascii_uppercase(),
        format!("{bytes:?}").trim_matches(['[', ']']).to_owned(),
        hex,
        "cGxhbnRlZF81ZWNyZX".to_owned(),
    ]
}

pub(crate) fn is_in(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    forms().iter().any(|form| text.contains(form))
}

#[track_caller]
pub(crate) fn is_not_in(what: &str, text: &[u8]) {
    let shown = String::from_utf8_lossy(text);
    assert!(!is_in(text), "the secret is in {what}: {shown}");
}

#[track_caller]
pub(crate) fn is_not_in_response(what: &str, response: &Response<Bytes>) {
    is_not_in(what, format!("{:?}", response.headers()).as_bytes());
    is_not_in(what, response.body());
}
