//! What is planted, and the search for it.

use bytes::Bytes;
use http::Response;

/// A secret's value that could be the name of one, too.
pub(crate) const PLANTED: &str = "planted_5ecret";

/// The forms in which a program, or a platform, shows it.
pub(crate) fn forms() -> Vec<String> {
    conformance::forms_of(PLANTED.as_bytes())
}

pub(crate) fn is_in(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    forms().iter().any(|form| text.contains(form.as_str()))
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
