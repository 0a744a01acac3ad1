//! What the specification refuses, and how.

use conformance::operations::Answer;

/// The errors that are foretold (ERROR-1).
#[derive(Clone, Copy)]
pub(crate) enum Refusal {
    Validation,
    NotFound,
    Conflict,
    NotACounter,
    CounterOverflow,
    Unsupported,
    LimitExceeded,
    Serialization,
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let (kind, status) = match refusal {
            Refusal::Validation => ("validation", 400),
            Refusal::NotFound => ("not_found", 404),
            Refusal::Conflict => ("conflict", 409),
            Refusal::NotACounter => ("not_a_counter", 500),
            Refusal::CounterOverflow => ("counter_overflow", 500),
            Refusal::Unsupported => ("unsupported", 501),
            Refusal::LimitExceeded => ("limit_exceeded", 503),
            Refusal::Serialization => ("serialization", 500),
        };
        Self::Failed {
            kind: kind.to_owned(),
            status,
        }
    }
}

/// KV-KEY-2, KV-KEY-3.
pub(crate) fn valid_key(key: &str) -> Result<(), Refusal> {
    if key.is_empty() || key == "." || key == ".." {
        return Err(Refusal::Validation);
    }
    valid_text(key)
}

/// KV-LIST-8, KV-LIST-9.
pub(crate) fn valid_listing(prefix: &str, limit: usize) -> Result<(), Refusal> {
    if limit == 0 || limit > 1000 {
        return Err(Refusal::Validation);
    }
    valid_text(prefix)
}

/// At most 512 bytes and none of category Cc.
fn valid_text(text: &str) -> Result<(), Refusal> {
    let control = |c| matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}');
    if text.len() > 512 || text.contains(control) {
        return Err(Refusal::Validation);
    }
    Ok(())
}

pub(crate) fn supported(supported: bool) -> Result<(), Refusal> {
    supported.then_some(()).ok_or(Refusal::Unsupported)
}
