//! What is planted, and the search for it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use http::Response;

/// A secret's value that could be the name of one, too.
pub(crate) const PLANTED: &str = "planted_5ecret";

/// The value as it is, and in the forms in which a careless program, or a platform,
/// shows bytes.
pub(crate) fn forms() -> Vec<String> {
    let bytes = PLANTED.as_bytes();
    let each = |form: fn(&u8) -> String| -> String { bytes.iter().map(form).collect() };
    let list = |separator| {
        bytes
            .iter()
            .map(u8::to_string)
            .collect::<Vec<_>>()
            .join(separator)
    };
    let mut forms = vec![
        PLANTED.to_owned(),
        PLANTED.to_ascii_uppercase(),
        list(", "),
        list(","),
        each(|byte| format!("{byte:02x}")),
        each(|byte| format!("{byte:02X}")),
        each(|byte| format!("\\x{byte:02x}")),
        each(|byte| format!("\\u{{{byte:x}}}")),
        each(|byte| format!("\\u{byte:04x}")),
        each(|byte| format!("%{byte:02X}")),
    ];
    // Wherever it stands in what is encoded: without the letters that its neighbours
    // have a part in.
    for before in 0..3 {
        let encoded = STANDARD_NO_PAD.encode([&vec![b'x'; before][..], bytes].concat());
        let inner = &encoded[before * 4 / 3 + 1..encoded.len() - 1];
        forms.push(inner.to_owned());
        forms.push(inner.replace('+', "-").replace('/', "_"));
    }
    forms
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
