//! JSON to and from a typed value, with errors that never quote the value.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::error::Category;

/// Why a value and a Rust type did not fit as JSON.
///
/// It says where and what kind, and leaves out serde's own message on purpose:
/// that message quotes the value ("invalid type: string \"…\""), and a store's
/// values do not belong in logs.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct JsonError(Problem);

#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("{what} at line {line}, column {column}, as {type_name}")]
    Read {
        what: &'static str,
        line: usize,
        column: usize,
        type_name: &'static str,
    },
    #[error(
        "JSON cannot hold this {type_name}: a map's keys are not strings, or its Serialize failed"
    )]
    Write { type_name: &'static str },
}

pub(crate) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, JsonError> {
    serde_json::to_vec(value).map_err(|_| {
        JsonError(Problem::Write {
            type_name: std::any::type_name::<T>(),
        })
    })
}

pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    serde_json::from_slice(bytes).map_err(|cause: serde_json::Error| {
        JsonError(Problem::Read {
            what: match cause.classify() {
                Category::Data => "JSON of another shape",
                Category::Eof => "JSON that ends too early",
                // Bytes in memory cannot fail to be read.
                Category::Syntax | Category::Io => "not JSON",
            },
            line: cause.line(),
            column: cause.column(),
            type_name: std::any::type_name::<T>(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_shape_is_described_without_the_value() {
        let error = decode::<u32>(br#""hunter2""#).unwrap_err();
        assert_eq!(
            error.to_string(),
            "JSON of another shape at line 1, column 9, as u32"
        );
        assert!(!format!("{error:?}").contains("hunter2"));
    }

    #[test]
    fn cut_and_broken_json_are_told_apart() {
        let cut = decode::<Vec<u32>>(b"[1, 2").unwrap_err().to_string();
        assert!(cut.starts_with("JSON that ends too early"), "{cut}");
        let broken = decode::<Vec<u32>>(b"[1; 2]").unwrap_err().to_string();
        assert!(broken.starts_with("not JSON"), "{broken}");
    }

    #[test]
    fn a_type_that_json_cannot_hold_is_an_error() {
        let keyed_by_a_list = std::collections::BTreeMap::from([(vec![1], 2)]);
        let error = encode(&keyed_by_a_list).unwrap_err().to_string();
        assert!(
            error.contains("cannot hold") && error.contains("BTreeMap"),
            "{error}"
        );
    }
}
