//! What the service itself does: one request at a time, with its checks.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::CosmosValue;
use super::address;
use super::error::{self, CosmosError};
use super::query;

const MAX_DOCUMENT_BYTES: usize = 2 * 1024 * 1024;
const MAX_QUERY_BYTES: usize = 512 * 1024;
const MAX_ID_BYTES: usize = 1023;

#[derive(Default)]
pub(super) struct Container {
    documents: BTreeMap<String, Document>,
    /// How many etags were given out.
    etags: u64,
}

#[derive(Clone)]
struct Document {
    value: CosmosValue,
    etag: u64,
}

/// A document that a query found.
pub(super) struct Found {
    pub(super) id: String,
    pub(super) value: Value,
    pub(super) etag: u64,
}

/// Where a request goes that names a document in its URL: Spin takes the key for the
/// document's name, and for its partition.
pub(super) struct Target<'a> {
    pub(super) key: &'a str,
    pub(super) unsigned: bool,
}

impl Container {
    pub(super) fn document(&self, id: &str) -> Option<CosmosValue> {
        self.documents
            .get(id)
            .map(|document| document.value.clone())
    }

    pub(super) fn ids(&self) -> Vec<String> {
        self.documents.keys().cloned().collect()
    }

    /// The documents for which a condition, as SQL, holds.
    pub(super) fn query(&self, condition: &str) -> Result<Vec<Found>, CosmosError> {
        if "SELECT * FROM c WHERE ".len() + condition.len() > MAX_QUERY_BYTES {
            return Err(error::bad_request("The query is longer than allowed."));
        }
        let condition = query::parse(condition)
            .ok_or_else(|| error::bad_request("Syntax error, incorrect syntax near '''."))?;
        let found = self.documents.iter().filter(|(id, _)| condition.holds(id));
        Ok(found
            .map(|(id, document)| Found {
                id: id.clone(),
                value: json_of(&document.value),
                etag: document.etag,
            })
            .collect())
    }

    pub(super) fn create(
        &mut self,
        id: &str,
        value: CosmosValue,
        upsert: bool,
    ) -> Result<(), CosmosError> {
        check_header(id)?;
        check_size(id, &value)?;
        if id.is_empty() || id.len() > MAX_ID_BYTES || id.contains(['/', '\\']) {
            return Err(error::bad_request("The document's id is not allowed."));
        }
        if !upsert && self.documents.contains_key(id) {
            return Err(error::conflict());
        }
        self.put(id, value);
        Ok(())
    }

    pub(super) fn replace(
        &mut self,
        target: &Target<'_>,
        value: CosmosValue,
        etag: u64,
    ) -> Result<(), CosmosError> {
        let (id, document) = self.find(target)?;
        if document.etag != etag {
            return Err(error::precondition_failed());
        }
        check_size(&id, &value)?;
        self.put(&id, value);
        Ok(())
    }

    pub(super) fn delete(&mut self, target: &Target<'_>) -> Result<(), CosmosError> {
        let (id, _) = self.find(target)?;
        self.documents.remove(&id);
        Ok(())
    }

    /// Adds to a document's number.
    pub(super) fn increment(&mut self, target: &Target<'_>, delta: i64) -> Result<(), CosmosError> {
        let (id, document) = self.find(target)?;
        let sum = match document.value {
            CosmosValue::Number(number) => number.checked_add(delta),
            CosmosValue::Bytes(_) => None,
        };
        let sum = sum.ok_or_else(|| error::bad_request("The patch cannot be applied."))?;
        self.put(&id, CosmosValue::Number(sum));
        Ok(())
    }

    fn find(&self, target: &Target<'_>) -> Result<(String, Document), CosmosError> {
        check_header(target.key)?;
        let id = address::document(target.key, target.unsigned)?;
        // Each document is in the partition of its id.
        let document = self.documents.get(&id).filter(|_| id == target.key);
        let document = document.ok_or_else(error::not_found)?.clone();
        Ok((id, document))
    }

    fn put(&mut self, id: &str, value: CosmosValue) {
        self.etags += 1;
        let document = Document {
            value,
            etag: self.etags,
        };
        self.documents.insert(id.to_owned(), document);
    }
}

fn json_of(value: &CosmosValue) -> Value {
    match value {
        CosmosValue::Bytes(bytes) => json!(bytes),
        CosmosValue::Number(number) => json!(number),
    }
}

/// The partition is named in a header, where this character may not be.
fn check_header(key: &str) -> Result<(), CosmosError> {
    if key.contains('\u{7f}') {
        return Err(error::no_header());
    }
    Ok(())
}

fn check_size(id: &str, value: &CosmosValue) -> Result<(), CosmosError> {
    let document = json!({ "id": id, "value": json_of(value) });
    if document.to_string().len() > MAX_DOCUMENT_BYTES {
        return Err(error::too_large());
    }
    Ok(())
}
