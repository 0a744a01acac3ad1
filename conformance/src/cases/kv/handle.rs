//! What the handle adds to the backend.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use edgezero_store_traits::KvError;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};

use super::{fill, open, open_with_cap};
use crate::case::{CaseResult, Stop, cases, check, check_eq, check_err, check_keys};
use crate::fixture::DynFixture;
use crate::forms::shows;

cases! {
    "KV-HANDLE-1" => a_typed_value_comes_back_as_it_was;
    "KV-HANDLE-1" => typed_values_are_stored_as_json;
    "KV-HANDLE-2", "ERROR-2" => a_value_of_another_shape_is_an_error_that_names_the_key_only;
    "KV-HANDLE-2" => a_default_stands_in_for_a_missing_value_only;
    "KV-HANDLE-2" => a_value_that_json_cannot_hold_is_not_written;
    "KV-HANDLE-3" => a_required_value_that_is_missing_is_not_found;
    "KV-HANDLE-5" => the_stream_gives_every_page_in_order;
    "KV-HANDLE-5" => the_stream_ends_after_an_error;
    "KV-HANDLE-5", "KV-CAP-1" => the_stream_ends_after_an_error_on_a_later_page;
    "KV-HANDLE-5" => the_stream_asks_for_a_page_when_it_is_wanted;
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Profile {
    name: String,
    visits: u64,
    tags: Vec<String>,
    more: Option<Box<Profile>>,
}

fn profile() -> Profile {
    Profile {
        name: "Ada \u{1f469}\u{200d}\u{1f4bb} \"\\\u{0}".to_owned(),
        visits: u64::MAX,
        tags: vec![String::new(), "ß".to_owned()],
        more: Some(Box::new(Profile {
            name: "Ben".to_owned(),
            visits: 0,
            tags: vec![],
            more: None,
        })),
    }
}

async fn a_typed_value_comes_back_as_it_was(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    check_eq!(kv.get::<Profile>("profile").await?, None, "before the put");
    kv.put("profile", &profile()).await?;
    check_eq!(kv.get("profile").await?, Some(profile()), "get");
    check_eq!(
        kv.require::<Profile>("profile").await?,
        profile(),
        "require"
    );
    kv.put("nothing", &None::<u8>).await?;
    check_eq!(kv.get("nothing").await?, Some(None::<u8>), "a stored null");
    kv.put("text", "a str").await?;
    check_eq!(kv.get("text").await?, Some("a str".to_owned()), "a str");
    Ok(())
}

async fn typed_values_are_stored_as_json(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    kv.put("list", &[1, 2]).await?;
    check_eq!(
        kv.get_bytes("list").await?,
        Some(Bytes::from("[1,2]")),
        "the bytes"
    );
    kv.put_bytes("map", " {\"a\": 1}\n").await?;
    let map = HashMap::from([("a".to_owned(), 1)]);
    check_eq!(
        kv.get("map").await?,
        Some(map),
        "JSON that someone else wrote"
    );
    Ok(())
}

async fn a_value_of_another_shape_is_an_error_that_names_the_key_only(
    fixture: &DynFixture,
) -> CaseResult {
    let kv = open(fixture).await?;
    for value in [
        "\"hunter2\"",
        "hunter2",
        "{\"hunter2\": tru",
        "[\"hunter2\"]",
        "",
    ] {
        kv.put_bytes("the-key", value).await?;
        let found = kv.get::<u32>("the-key").await;
        let error = check_err!(found, KvError::Serialization { .. }, "{value:?} as u32");
        check_eq!(error.status(), 500, "the status");
        check!(
            error.to_string().contains("the-key"),
            "the key is not in: {error}"
        );
        check!(!shows(&error, b"hunter2"), "the value is in the error");
        check_err!(
            kv.require::<u32>("the-key").await,
            KvError::Serialization { .. },
            "{value:?}, required"
        );
    }
    Ok(())
}

async fn a_default_stands_in_for_a_missing_value_only(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    check_eq!(kv.get_or("key", 7).await?, 7, "a missing value");
    check!(!kv.exists("key").await?, "the default was stored");
    kv.put("key", &8).await?;
    check_eq!(kv.get_or("key", 7).await?, 8, "a value");
    kv.put_bytes("key", "eight").await?;
    let found = kv.get_or("key", 7).await;
    check_err!(
        found,
        KvError::Serialization { .. },
        "a value that does not fit"
    );
    Ok(())
}

async fn a_value_that_json_cannot_hold_is_not_written(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    kv.put("key", &1).await?;
    let keyed_by_lists = BTreeMap::from([(vec![1], 2)]);
    let put = kv.put("key", &keyed_by_lists).await;
    check_err!(
        put,
        KvError::Serialization { .. },
        "a map whose keys are lists"
    );
    check_eq!(kv.get("key").await?, Some(1), "the value before");
    Ok(())
}

async fn a_required_value_that_is_missing_is_not_found(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    let found = kv.require::<u32>("nobody").await;
    let error = check_err!(found, KvError::NotFound { .. }, "a missing key");
    check_eq!(error.status(), 404, "the status");
    check!(
        error.to_string().contains("nobody"),
        "the key is not in: {error}"
    );
    Ok(())
}

async fn the_stream_gives_every_page_in_order(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    fill(&kv, ["a1", "a2", "a3", "a4", "a5", "b"]).await?;
    let mut stream = kv.pages("a", 2);
    let mut pages = Vec::new();
    while let Some(page) = stream.next().await {
        pages.push(page?.keys);
    }
    check_eq!(
        pages,
        [vec!["a1", "a2"], vec!["a3", "a4"], vec!["a5"]],
        "the pages"
    );
    check!(stream.next().await.is_none(), "a page after the end");
    let mut stream = kv.pages("c", 2);
    let first = stream.next().await.transpose()?;
    check_eq!(
        first.map(|page| page.keys),
        Some(vec![]),
        "the one page of no keys"
    );
    check!(stream.next().await.is_none(), "a second page of no keys");
    Ok(())
}

async fn the_stream_ends_after_an_error(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    let mut stream = kv.pages("", 1001);
    let Some(first) = stream.next().await else {
        return Err(Stop::failed("the stream has no item"));
    };
    check_err!(first, KvError::Validation { .. }, "pages of 1001 keys");
    check!(stream.next().await.is_none(), "an item after the error");
    Ok(())
}

async fn the_stream_ends_after_an_error_on_a_later_page(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_cap(fixture, 3).await?;
    fill(&kv, ["a", "b", "c"]).await?;
    let mut stream = kv.pages("", 2);
    let first = stream.next().await.transpose()?.unwrap_or_default();
    check_keys!(first.keys, ["a", "b"], "the first page");
    fill(&kv, ["d"]).await?;
    let Some(second) = stream.next().await else {
        return Err(Stop::failed("the stream ended without its error"));
    };
    check_err!(second, KvError::LimitExceeded { .. }, "over the cap");
    check!(stream.next().await.is_none(), "an item after the error");
    Ok(())
}

async fn the_stream_asks_for_a_page_when_it_is_wanted(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    fill(&kv, ["a", "b"]).await?;
    let mut stream = kv.pages("", 2);
    // Written after the stream was made, and before its first page was wanted.
    fill(&kv, ["c"]).await?;
    let first = stream.next().await.transpose()?.unwrap_or_default();
    check_keys!(first.keys, ["a", "b"], "the first page");
    fill(&kv, ["d"]).await?;
    let second = stream.next().await.transpose()?.unwrap_or_default();
    check_keys!(second.keys, ["c", "d"], "the second page");
    Ok(())
}
