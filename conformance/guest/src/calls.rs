//! One call of the adapter for each request, for tests that look from outside.
//!
//! The store and the key are in the query (`label`, `key`, `prefix`, `cursor`,
//! `limit`, `max_list_keys`, `times`), a value is the body; the keys of a batch are
//! a JSON list in the body, its pairs a JSON map. A good call answers 200 (404
//! for a value that is not there), a failed one its error's status and, as JSON,
//! its kind and its message with all causes. `/environment` answers a variable of the
//! component's environment. `/secret/debug`, `/secret/panic` and
//! `/secret/unwrap` do with a secret what may be done with it by mistake.

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;

use bytes::Bytes;
use edgezero_adapter_spin::{SpinConfigStore, SpinKvStore, SpinSecretStore};
use edgezero_store_traits::{
    ConfigError, ConfigHandle, KvError, KvHandle, SecretError, SecretHandle,
};
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};

use crate::{Reply, json, reply};

/// The request's query, decoded.
pub(crate) struct Query(HashMap<String, String>);

impl Query {
    pub(crate) fn new(query: Option<&str>) -> Self {
        Self(
            form_urlencoded::parse(query.unwrap_or_default().as_bytes())
                .into_owned()
                .collect(),
        )
    }

    /// The field's text, or the empty one.
    pub(crate) fn get(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }

    /// The field's number, or the default where there is no such field.
    pub(crate) fn number(&self, field: &str, default: u32) -> Result<u32, KvError> {
        let Some(text) = self.0.get(field) else {
            return Ok(default);
        };
        text.parse()
            .map_err(|_| KvError::validation(format!("{field} is no number: {text:?}")))
    }
}

pub(crate) async fn call(path: &str, query: &Query, body: Bytes) -> Reply {
    let result = match path {
        "/config" => config(query).await.map_err(Failed::from),
        "/config/many" => config_many(query, body).await.map_err(Failed::from),
        "/secret" => secret(query).await.map_err(Failed::from),
        "/environment" => Ok(found(std::env::var(query.get("key")).ok())),
        "/secret/debug" | "/secret/panic" | "/secret/unwrap" => {
            printed(path, query).await.map_err(Failed::from)
        }
        _ => match path.strip_prefix("/kv/") {
            Some(operation) => kv(operation, query, body).await.map_err(Failed::from),
            None => return reply(StatusCode::NOT_FOUND, format!("no such path: {path}")),
        },
    };
    result.unwrap_or_else(Failed::into_reply)
}

async fn kv(operation: &str, query: &Query, body: Bytes) -> Result<Reply, KvError> {
    let max_list_keys = query.number("max_list_keys", 1000)?;
    let store = SpinKvStore::open_with_max_list_keys(query.get("label"), max_list_keys).await?;
    let kv = KvHandle::new(Arc::new(store));
    let key = query.get("key");
    Ok(match operation {
        "get" => found(kv.get_bytes(key).await?),
        "put" => {
            kv.put_bytes(key, body).await?;
            reply(StatusCode::OK, "")
        }
        "delete" => {
            kv.delete(key).await?;
            reply(StatusCode::OK, "")
        }
        "claim" => {
            // As the documentation of `compare_and_swap` does it: answers the owner.
            let swap = kv.compare_and_swap(key).await?;
            if swap.current().is_some() {
                let key = key.to_owned();
                return Err(KvError::Conflict { key });
            }
            swap.swap(body.clone()).await?;
            reply(StatusCode::OK, body)
        }
        "exists" => json(&kv.exists(key).await?),
        "counter" => json(&kv.counter(key).await?),
        "page" => {
            let cursor = Some(query.get("cursor")).filter(|cursor| !cursor.is_empty());
            let limit = query.number("limit", 100)? as usize;
            let page = kv
                .list_keys_page(query.get("prefix"), cursor, limit)
                .await?;
            json(&serde_json::json!({ "keys": page.keys, "cursor": page.cursor }))
        }
        "get-many" => {
            let values = kv.get_many_bytes(&from_json::<Vec<String>>(&body)?).await?;
            let texts = values.iter().map(|value| {
                let text = value.as_deref().map(String::from_utf8_lossy);
                text.map(std::borrow::Cow::into_owned)
            });
            json(&texts.collect::<Vec<_>>())
        }
        "put-many" => {
            let pairs: HashMap<String, String> = from_json(&body)?;
            let pairs = pairs.into_iter().map(|(key, value)| (key, value.into()));
            kv.put_many_bytes(pairs.collect()).await?;
            reply(StatusCode::OK, "")
        }
        "delete-many" => {
            kv.delete_many(&from_json::<Vec<String>>(&body)?).await?;
            reply(StatusCode::OK, "")
        }
        _ => json(&count(operation, query, &kv).await?),
    })
}

/// Adds one to the number under the key, `times` times, in one way or another; the
/// number afterwards.
async fn count(operation: &str, query: &Query, kv: &KvHandle) -> Result<i64, KvError> {
    let key = query.get("key");
    let mut sum = 0;
    for _ in 0..query.number("times", 1)? {
        let one_more = |count: Option<i64>| count.unwrap_or(0) + 1;
        sum = match operation {
            "increment" => kv.increment(key, 1).await?,
            "update" => {
                let updated = kv.update(key, |count| Some(one_more(count))).await?;
                updated.unwrap_or_default()
            }
            "not-atomic" => {
                let count = |count| one_more(Some(count));
                kv.read_modify_write_not_atomic(key, 0, count).await?
            }
            _ => return Err(KvError::validation(format!("no such call: {operation}"))),
        };
    }
    Ok(sum)
}

fn from_json<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, KvError> {
    serde_json::from_slice(body)
        .map_err(|error| KvError::validation(format!("the body is not as it should be: {error}")))
}

async fn config(query: &Query) -> Result<Reply, ConfigError> {
    let config = ConfigHandle::new(Arc::new(SpinConfigStore::open(query.get("label")).await?));
    Ok(found(config.get(query.get("key")).await?))
}

async fn config_many(query: &Query, body: Bytes) -> Result<Reply, ConfigError> {
    let config = ConfigHandle::new(Arc::new(SpinConfigStore::open(query.get("label")).await?));
    let keys: Vec<String> = from_json(&body)?;
    Ok(json(&config.get_many(&keys).await?))
}

async fn secret(query: &Query) -> Result<Reply, SecretError> {
    let secrets = SecretHandle::new(Arc::new(SpinSecretStore::new()), "default");
    let value = secrets.get(query.get("key")).await?;
    Ok(found(value.map(|value| value.expose_secret().to_owned())))
}

/// What a program would print that has a secret at hand, and what it would end with.
async fn printed(path: &str, query: &Query) -> Result<Reply, SecretError> {
    let secrets = SecretHandle::new(Arc::new(SpinSecretStore::new()), "default");
    let key = query.get("key");
    let value = secrets.require(key).await?;
    match path {
        "/secret/panic" => panic!("a handler broke with {value:?}"),
        #[allow(clippy::unwrap_used, reason = "asked to")]
        "/secret/unwrap" => Ok(failed(value).unwrap()),
        _ => {
            let bytes = secrets.get_bytes(key).await?;
            let text = format!("{secrets:?} {value:?} {bytes:?}");
            Ok(reply(StatusCode::OK, text))
        }
    }
}

/// An error that holds a secret.
fn failed(secret: SecretString) -> Result<Reply, SecretString> {
    Err(secret)
}

fn found(value: Option<impl Into<Bytes>>) -> Reply {
    match value {
        Some(value) => reply(StatusCode::OK, value),
        None => reply(StatusCode::NOT_FOUND, ""),
    }
}

/// A failed call, as the answer tells it.
struct Failed {
    status: u16,
    kind: &'static str,
    message: String,
}

macro_rules! failed {
    ($($error:ty),*) => {$(
        impl From<$error> for Failed {
            fn from(error: $error) -> Self {
                let mut message = error.to_string();
                let mut source = error.source();
                while let Some(cause) = source {
                    message.push_str(": ");
                    message.push_str(&cause.to_string());
                    source = cause.source();
                }
                Self { status: error.status(), kind: error.kind(), message }
            }
        }
    )*};
}

failed!(KvError, ConfigError, SecretError);

impl Failed {
    fn into_reply(self) -> Reply {
        let mut answer = json(&serde_json::json!({ "kind": self.kind, "message": self.message }));
        *answer.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        answer
    }
}
