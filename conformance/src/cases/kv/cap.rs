//! The cap on listings.

use edgezero_store_traits::{BoxError, KvError, KvHandle};
use futures_util::TryStreamExt;

use super::{fill, list, open, open_with_cap, pages};
use crate::Mismatch;
use crate::case::{CaseResult, cases, check, check_eq, check_err, check_keys};
use crate::fixture::{Declined, DynFixture};

cases! {
    "KV-CAP-1" => as_many_keys_as_the_cap_are_listed;
    "KV-CAP-1" => one_key_more_than_the_cap_is_an_error;
    "KV-CAP-1" => the_cap_holds_on_every_page_and_for_every_limit;
    "KV-CAP-1" => a_deleted_key_no_longer_counts;
    "KV-CAP-2" => only_keys_that_match_the_prefix_count;
    "KV-CAP-3" => a_cap_of_0_is_no_cap;
    "KV-CAP-4" => the_default_cap_is_1000;
    "KV-CAP-4" => a_store_without_a_cap_lists_more_than_1000_keys;
    "KV-CAP-5" => a_scan_lists_the_keys_beyond_the_cap;
    "KV-CAP-5" => a_scan_and_a_listing_share_their_cursors;
    "KV-CAP-5" => a_store_over_the_cap_is_purged_by_a_scan;
}

async fn over_the_cap(kv: &KvHandle, prefix: &str, limit: usize, cap: u32) -> Result<(), BoxError> {
    let page = kv.list_keys_page(prefix, None, limit).await;
    let error = check_err!(
        page,
        KvError::LimitExceeded { .. },
        "under {prefix:?}, limit {limit}"
    );
    check_eq!(error.status(), 503, "the status");
    let text = error.to_string();
    check!(
        text.contains(&format!("{prefix:?}")),
        "the prefix {prefix:?} is not in: {text}"
    );
    let KvError::LimitExceeded { max, .. } = error else {
        return Err(Mismatch::new("another error").into());
    };
    check_eq!(max, cap, "the cap that the error names");
    Ok(())
}

async fn as_many_keys_as_the_cap_are_listed(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_cap(fixture, 5).await?;
    let keys = ["a", "b", "c", "d", "e"];
    fill(&kv, keys).await?;
    check_keys!(list(&kv, "").await?, keys, "in one page");
    check_keys!(pages(&kv, "", 1).await?.concat(), keys, "in pages of 1");
    Ok(())
}

async fn one_key_more_than_the_cap_is_an_error(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_cap(fixture, 5).await?;
    fill(&kv, ["a", "b", "c", "d", "e", "f"]).await?;
    Ok(over_the_cap(&kv, "", 1000, 5).await?)
}

async fn the_cap_holds_on_every_page_and_for_every_limit(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_cap(fixture, 3).await?;
    fill(&kv, ["a", "b", "c"]).await?;
    let cursor = kv.list_keys_page("", None, 2).await?.cursor;
    fill(&kv, ["d"]).await?;
    for limit in [1, 2, 3, 4, 1000] {
        over_the_cap(&kv, "", limit, 3).await?;
    }
    let page = kv.list_keys_page("", cursor.as_deref(), 2).await;
    check_err!(page, KvError::LimitExceeded { .. }, "the second page");
    Ok(())
}

async fn a_deleted_key_no_longer_counts(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_cap(fixture, 2).await?;
    fill(&kv, ["a", "b", "c"]).await?;
    over_the_cap(&kv, "", 10, 2).await?;
    kv.delete("a").await?;
    check_keys!(list(&kv, "").await?, ["b", "c"], "after the delete");
    Ok(())
}

async fn only_keys_that_match_the_prefix_count(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_cap(fixture, 3).await?;
    fill(&kv, ["a1", "a2", "a3", "b1", "b2", "b3", "b4"]).await?;
    check_keys!(list(&kv, "a").await?, ["a1", "a2", "a3"], "under \"a\"");
    over_the_cap(&kv, "b", 10, 3).await?;
    over_the_cap(&kv, "", 10, 3).await?;
    check_keys!(list(&kv, "b4").await?, ["b4"], "under \"b4\"");
    Ok(())
}

const NO_KEYS: [&str; 0] = [];

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{n:05}")).collect()
}

async fn a_cap_of_0_is_no_cap(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_cap(fixture, 0).await?;
    check_eq!(kv.capabilities().max_list_keys, None, "the capability");
    let keys = numbered(1001);
    fill(&kv, &keys).await?;
    check_keys!(pages(&kv, "", 300).await?.concat(), keys, "in pages of 300");
    Ok(())
}

async fn the_default_cap_is_1000(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    if kv.capabilities().max_list_keys.is_none() {
        return Err(Declined::new("the backend has no cap on listings").into());
    }
    let keys = numbered(1000);
    fill(&kv, &keys).await?;
    let page = kv.list_keys_page("", None, 1000).await?;
    check_keys!(page.keys, keys, "1000 keys in one page");
    check_eq!(page.cursor, None, "the cursor after all 1000 keys");
    fill(&kv, ["one-more"]).await?;
    Ok(over_the_cap(&kv, "", 1, 1000).await?)
}

async fn a_store_without_a_cap_lists_more_than_1000_keys(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    if let Some(max) = kv.capabilities().max_list_keys {
        return Err(Declined::new(format!("the backend's cap on listings is {max}")).into());
    }
    let keys = numbered(1001);
    fill(&kv, &keys).await?;
    check_keys!(list(&kv, "").await?, keys, "the keys");
    Ok(())
}

/// The pages of a scan.
async fn scanned(kv: &KvHandle, prefix: &str, limit: usize) -> Result<Vec<Vec<String>>, BoxError> {
    let pages = kv.scan(prefix, limit).map_ok(|page| page.keys);
    Ok(pages.try_collect().await?)
}

async fn a_scan_lists_the_keys_beyond_the_cap(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_cap(fixture, 3).await?;
    fill(&kv, ["a1", "a2", "a3", "a4", "a5", "b"]).await?;
    over_the_cap(&kv, "a", 2, 3).await?;
    let pages = scanned(&kv, "a", 2).await?;
    check_eq!(pages.len(), 3, "the pages of 5 keys");
    check_keys!(
        pages.concat(),
        ["a1", "a2", "a3", "a4", "a5"],
        "under \"a\""
    );
    let pages = scanned(&kv, "", 1000).await?;
    let all = ["a1", "a2", "a3", "a4", "a5", "b"];
    check_keys!(pages.concat(), all, "in one page");
    // A scan changes nothing for a listing.
    Ok(over_the_cap(&kv, "", 1, 3).await?)
}

async fn a_scan_and_a_listing_share_their_cursors(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_cap(fixture, 3).await?;
    fill(&kv, ["a", "b", "c"]).await?;
    let cursor = kv.list_keys_page("", None, 1).await?.cursor;
    fill(&kv, ["d"]).await?;
    let page = kv.scan_page("", cursor.as_deref(), 2).await?;
    check_keys!(page.keys, ["b", "c"], "after a listing's cursor");
    kv.delete("a").await?;
    let last = kv.list_keys_page("", page.cursor.as_deref(), 2).await?;
    check_keys!(last.keys, ["d"], "after a scan's cursor");
    let other = kv.scan_page("d", page.cursor.as_deref(), 2).await;
    check_err!(other, KvError::Validation { .. }, "under another prefix");
    Ok(())
}

async fn a_store_over_the_cap_is_purged_by_a_scan(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    fill(&kv, numbered(1001)).await?;
    let mut pages = kv.scan("", 400);
    let mut purged = 0;
    while let Some(page) = pages.try_next().await? {
        purged += page.keys.len();
        kv.delete_many(&page.keys).await?;
    }
    check_eq!(purged, 1001, "the keys that were purged");
    check_keys!(list(&kv, "").await?, NO_KEYS, "afterwards");
    Ok(())
}
