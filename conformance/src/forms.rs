//! The forms in which bytes can stand in a text.

use std::error::Error;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// The forms in which a careless program, or a platform's own error, shows a value: as
/// text, escaped, as a list of numbers, in hex and in base64.
///
/// A value of fewer than six bytes has forms that stand in many a text by chance.
pub fn forms_of(value: &[u8]) -> Vec<String> {
    let each = |form: fn(&u8) -> String| -> String { value.iter().map(form).collect() };
    let list = |separator| {
        let numbers: Vec<_> = value.iter().map(u8::to_string).collect();
        numbers.join(separator)
    };
    let mut forms = vec![
        list(", "),
        list(","),
        each(|byte| format!("{byte:02x}")),
        each(|byte| format!("{byte:02X}")),
        each(|byte| format!("\\x{byte:02x}")),
        each(|byte| format!("\\u{{{byte:x}}}")),
        each(|byte| format!("\\u{byte:04x}")),
        each(|byte| format!("%{byte:02X}")),
    ];
    if let Ok(text) = std::str::from_utf8(value) {
        forms.push(text.to_owned());
        forms.push(text.to_ascii_uppercase());
        forms.push(text.escape_debug().to_string());
    }
    // Wherever it stands in what is encoded: without the letters that its neighbours
    // have a part in.
    for before in 0..3 {
        let encoded = STANDARD_NO_PAD.encode([&vec![b'x'; before][..], value].concat());
        let inner = encoded.get(before * 4 / 3 + 1..encoded.len().saturating_sub(1));
        let inner = inner.unwrap_or_default();
        forms.push(inner.to_owned());
        forms.push(inner.replace('+', "-").replace('/', "_"));
    }
    forms.retain(|form| !form.is_empty());
    forms
}

/// Whether the error, or one of its causes, shows the value in any form.
pub(crate) fn shows(error: &(dyn Error + 'static), value: &[u8]) -> bool {
    let mut text = String::new();
    let mut cause = Some(error);
    while let Some(error) = cause {
        text.push_str(&format!("{error} {error:?} "));
        cause = error.source();
    }
    forms_of(value).iter().any(|form| text.contains(form))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    #[test]
    fn a_value_is_found_in_every_form_and_at_every_place() {
        let value = b"planted_5ecret";
        let forms = forms_of(value);
        let is_in = |text: &str| forms.iter().any(|form| text.contains(form));
        for before in ["", "a", "ab", "abc"] {
            for after in ["", "z", "zy"] {
                let text = format!("{before}planted_5ecret{after}");
                assert!(is_in(&text));
                assert!(is_in(&STANDARD_NO_PAD.encode(&text)), "{text}");
                assert!(is_in(&format!("{:?}", text.as_bytes())));
            }
        }
        assert!(!is_in("planted"));
        let error = std::io::Error::other("706c616e7465645f356563726574");
        assert!(shows(&error, value));
    }
}
