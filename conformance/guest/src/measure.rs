//! How long a piece of work takes in the component, without the request around it.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use edgezero_adapter_spin::SpinKvStore;
use edgezero_store_traits::{KvError, KvHandle};
use http::StatusCode;

use crate::calls::Query;
use crate::{Reply, json, reply};

/// Answers the nanoseconds that `count` keys took.
pub(crate) async fn measure(path: &str, query: &Query) -> anyhow::Result<Reply> {
    let store = SpinKvStore::open_with_max_list_keys(query.get("label"), 0).await?;
    let kv = KvHandle::new(Arc::new(store));
    let keys: Vec<_> = (0..query.number("count", 1)?)
        .map(|n| format!("{n:032}"))
        .collect();
    let value = Bytes::from(vec![b'x'; 100]);
    let started = Instant::now();
    match path {
        "/measure/get" => {
            for key in &keys {
                found(kv.get_bytes(key).await?)?;
            }
        }
        "/measure/get-many" => {
            for value in kv.get_many_bytes(&keys).await? {
                found(value)?;
            }
        }
        "/measure/put" => {
            for key in &keys {
                kv.put_bytes(key, value.clone()).await?;
            }
        }
        "/measure/put-many" => {
            let pairs = keys.iter().map(|key| (key.clone(), value.clone()));
            kv.put_many_bytes(pairs.collect()).await?;
        }
        "/measure/page" => {
            let page = kv.list_keys_page("", None, 100).await?;
            anyhow::ensure!(page.keys.len() == 100, "a page of {}", page.keys.len());
        }
        _ => {
            return Ok(reply(
                StatusCode::NOT_FOUND,
                format!("no such path: {path}"),
            ));
        }
    }
    let elapsed = started.elapsed();
    Ok(json(&u64::try_from(elapsed.as_nanos())?))
}

fn found(value: Option<Bytes>) -> Result<(), KvError> {
    match value {
        Some(_) => Ok(()),
        None => Err(KvError::validation("put the keys first")),
    }
}
