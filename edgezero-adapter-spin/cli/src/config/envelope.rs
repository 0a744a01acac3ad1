//! The form in which EdgeZero itself keeps a configuration: one JSON document under the id
//! of the store.

use serde_json::Value as Json;

use crate::say;

/// Whether a value is such a document.
pub(super) fn is_one(value: &[u8]) -> bool {
    // Most values end here.
    if !value.trim_ascii_start().starts_with(b"{") {
        return false;
    }
    let read: Result<Json, _> = serde_json::from_slice(value);
    read.is_ok_and(|json| {
        json["data"].is_object() && json["sha256"].is_string() && json["version"].is_u64()
    })
}

/// Says that the store has such a document under `key`.
pub(super) fn say_found(key: &str) -> anyhow::Result<()> {
    say::err(format_args!(
        "note: the key {} holds a configuration in EdgeZero's own form, a JSON envelope. The app \
         does not read it here: it reads one key for each field. A push leaves it as it is; \
         `push --prune` deletes it",
        say::part(key)
    ))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_one;

    #[test]
    fn an_envelope_is_known_by_its_members() {
        let envelope =
            r#" {"data":{"a":1},"generated_at":"2026-01-02T03:04:05Z","sha256":"00","version":1}"#;
        assert!(is_one(envelope.as_bytes()));
        for other in [
            "",
            "Hello",
            "{",
            "{}",
            "[1]",
            r#"{"data":{},"version":1}"#,
            r#"{"data":5,"sha256":"00","version":1}"#,
        ] {
            assert!(!is_one(other.as_bytes()), "{other}");
        }
    }
}
