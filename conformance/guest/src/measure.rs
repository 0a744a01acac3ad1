//! How long a piece of work takes in the component, without the request around it:
//! through the adapter, and bare, by spin-sdk's and the host's own calls.

#[cfg(feature = "wasi-keyvalue")]
#[path = "measure/list.rs"]
mod list;
#[cfg(not(feature = "wasi-keyvalue"))]
#[path = "measure/no_list.rs"]
mod list;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use edgezero_adapter_spin::SpinKvStore;
use edgezero_store_traits::KvHandle;
use http::StatusCode;
use spin_sdk::key_value::Store;

use crate::calls::Query;
use crate::{Reply, json, reply};

/// How many keys a page has.
const PAGE: usize = 100;

/// Answers the nanoseconds that the work took: `count` keys, or as many listings.
pub(crate) async fn measure(path: &str, query: &Query) -> anyhow::Result<Reply> {
    let (label, count) = (query.get("label"), query.number("count", 1)?);
    let elapsed = match path.strip_prefix("/measure/bare/") {
        Some(operation) => bare(operation, label, count).await?,
        None => adapter(path, label, count).await?,
    };
    let Some(elapsed) = elapsed else {
        let message = format!("no such path: {path}");
        return Ok(reply(StatusCode::NOT_FOUND, message));
    };
    Ok(json(&u64::try_from(elapsed.as_nanos())?))
}

fn keys(count: u32) -> Vec<String> {
    (0..count).map(|n| format!("{n:032}")).collect()
}

fn value() -> Bytes {
    Bytes::from(vec![b'x'; 100])
}

/// `None` for an operation that is none.
async fn adapter(path: &str, label: &str, count: u32) -> anyhow::Result<Option<Duration>> {
    let store = SpinKvStore::open_with_max_list_keys(label, 0).await?;
    let kv = KvHandle::new(Arc::new(store));
    let (keys, value) = (keys(count), value());
    let started = Instant::now();
    match path {
        "/measure/get" => {
            for key in &keys {
                found(kv.get_bytes(key).await?.as_ref())?;
            }
        }
        "/measure/get-many" => {
            for value in kv.get_many_bytes(&keys).await? {
                found(value.as_ref())?;
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
            for _ in 0..count {
                let page = kv.list_keys_page("", None, PAGE).await?;
                anyhow::ensure!(page.keys.len() == PAGE, "a page of {}", page.keys.len());
            }
        }
        _ => return Ok(None),
    }
    Ok(Some(started.elapsed()))
}

/// As [`adapter`].
async fn bare(operation: &str, label: &str, count: u32) -> anyhow::Result<Option<Duration>> {
    let store = Store::open(label).await?;
    let (keys, value) = (keys(count), value());
    let bucket = list::Bucket::open(label)?;
    let started = Instant::now();
    match operation {
        "get" => {
            for key in &keys {
                found(store.get(key).await?.as_ref())?;
            }
        }
        "put" => {
            for key in &keys {
                store.set(key, &value).await?;
            }
        }
        "list" => {
            for _ in 0..count {
                enough(&bucket.list_keys()?)?;
            }
        }
        "stream" => {
            for _ in 0..count {
                enough(&store.get_keys().await.collect().await?)?;
            }
        }
        _ => return Ok(None),
    }
    Ok(Some(started.elapsed()))
}

fn found<T>(value: Option<T>) -> anyhow::Result<T> {
    value.ok_or_else(|| anyhow::anyhow!("put the keys first"))
}

fn enough(keys: &[String]) -> anyhow::Result<()> {
    anyhow::ensure!(keys.len() >= PAGE, "{} keys are listed", keys.len());
    Ok(())
}
