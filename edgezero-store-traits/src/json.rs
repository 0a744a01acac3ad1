//! JSON to and from a typed value, with errors that never quote the value.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::error::Category;

/// Why a value and a Rust type did not fit as JSON.
///
/// It says where and what kind, and leaves out serde's own message on purpose:
/// that message quotes the value ("invalid type: string \"…\""), and a store's
/// values do not belong in logs.
#[derive(Debug, thiserror::Error)]
#[error("{problem} at line {line}, column {column}, as {type_name}")]
pub struct JsonError {
    problem: &'static str,
    line: usize,
    column: usize,
    type_name: &'static str,
}

impl JsonError {
    fn new<T: ?Sized>(cause: &serde_json::Error) -> Self {
        Self {
            problem: match cause.classify() {
                Category::Io => "the type refused to be written",
                Category::Syntax => "not JSON",
                Category::Data => "JSON of another shape",
                Category::Eof => "JSON that ends too early",
            },
            line: cause.line(),
            column: cause.column(),
            type_name: std::any::type_name::<T>(),
        }
    }
}

pub(crate) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, JsonError> {
    serde_json::to_vec(value).map_err(|cause| JsonError::new::<T>(&cause))
}

pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    serde_json::from_slice(bytes).map_err(|cause| JsonError::new::<T>(&cause))
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
        assert!(error.contains("BTreeMap"), "{error}");
    }
}
