//! The cursor that callers see.

use edgezero_store_traits::{BoxError, KvError, KvHandle};

use super::{fill, open};
use crate::Mismatch;
use crate::case::{CaseResult, cases, check, check_eq, check_err, check_keys};
use crate::fixture::DynFixture;

cases! {
    "KV-LIST-4" => a_cursor_with_another_prefix_is_refused;
    "KV-LIST-4" => a_cut_cursor_is_refused;
    "KV-LIST-4" => an_edited_cursor_is_refused;
    "KV-LIST-4" => a_made_up_cursor_is_refused;
    "KV-LIST-4" => a_cursor_stands_in_a_url_as_it_is;
    "KV-LIST-4" => a_cursor_works_again_and_for_another_handle;
}

/// A store with keys under two prefixes, and a cursor under the first.
async fn with_cursor(fixture: &DynFixture) -> Result<(KvHandle, String), BoxError> {
    let kv = open(fixture).await?;
    fill(&kv, ["a:1", "a:2", "a:3", "ab", "b:1", "b:2"]).await?;
    let page = kv.list_keys_page("a:", None, 1).await?;
    let cursor = page
        .cursor
        .ok_or_else(|| Mismatch::new("the first page has no cursor"))?;
    Ok((kv, cursor))
}

async fn refused(kv: &KvHandle, prefix: &str, cursor: &str) -> Result<(), BoxError> {
    let page = kv.list_keys_page(prefix, Some(cursor), 10).await;
    let error = check_err!(
        page,
        KvError::Validation { .. },
        "the cursor {cursor:?} under {prefix:?}"
    );
    check_eq!(error.status(), 400, "the status");
    Ok(())
}

async fn a_cursor_with_another_prefix_is_refused(fixture: &DynFixture) -> CaseResult {
    let (kv, cursor) = with_cursor(fixture).await?;
    for prefix in ["", "a", "a:1", "b:", "A/"] {
        refused(&kv, prefix, &cursor).await?;
    }
    Ok(())
}

async fn a_cut_cursor_is_refused(fixture: &DynFixture) -> CaseResult {
    let (kv, cursor) = with_cursor(fixture).await?;
    for end in (0..cursor.len()).filter(|end| cursor.is_char_boundary(*end)) {
        refused(&kv, "a:", &cursor[..end]).await?;
        // Cut at the front, and so without its first characters.
        refused(&kv, "a:", &cursor[cursor.len() - end..]).await?;
    }
    Ok(())
}

async fn an_edited_cursor_is_refused(fixture: &DynFixture) -> CaseResult {
    let (kv, cursor) = with_cursor(fixture).await?;
    for (at, old) in cursor.char_indices() {
        let mut edited = cursor.clone();
        let new = if old == 'A' { "B" } else { "A" };
        edited.replace_range(at..at + old.len_utf8(), new);
        refused(&kv, "a:", &edited).await?;
    }
    refused(&kv, "a:", &format!("{cursor}A")).await?;
    refused(&kv, "a:", &format!("{cursor}{cursor}")).await?;
    Ok(refused(&kv, "a:", &format!(" {cursor}")).await?)
}

async fn a_made_up_cursor_is_refused(fixture: &DynFixture) -> CaseResult {
    let (kv, _) = with_cursor(fixture).await?;
    let huge = "A".repeat(1 << 20);
    for cursor in ["", "0", "a:1", "YS8x", "null", "\0", "💥", "..", &huge] {
        refused(&kv, "a:", cursor).await?;
    }
    Ok(())
}

async fn a_cursor_stands_in_a_url_as_it_is(fixture: &DynFixture) -> CaseResult {
    let (_, cursor) = with_cursor(fixture).await?;
    check!(
        cursor
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'),
        "a character to escape is in the cursor {cursor:?}"
    );
    Ok(())
}

async fn a_cursor_works_again_and_for_another_handle(fixture: &DynFixture) -> CaseResult {
    let (kv, cursor) = with_cursor(fixture).await?;
    let later = open(fixture).await?;
    for kv in [&kv, &kv, &later] {
        let page = kv.list_keys_page("a:", Some(&cursor), 10).await?;
        check_keys!(page.keys, ["a:2", "a:3"], "the page after the cursor");
    }
    Ok(())
}
