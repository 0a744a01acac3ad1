//! Listing keys.

use super::{fill, list, open, others, pages};
use crate::case::{CaseResult, Stop, cases, check, check_eq, check_err, check_keys};
use crate::fixture::{Declined, DynFixture, LABEL};
use std::sync::atomic::{AtomicBool, Ordering};

use edgezero_store_traits::kv::reserved;
use edgezero_store_traits::{BoxError, KvError, KvHandle};
use futures_util::future::try_join;

cases! {
    "KV-LIST-1" => an_empty_store_lists_nothing;
    "KV-LIST-1" => keys_are_in_the_order_of_their_utf8_bytes;
    "KV-LIST-1" => a_prefix_selects_exactly_its_keys;
    "KV-LIST-1" => a_key_equal_to_the_prefix_is_listed;
    "KV-LIST-1", "KV-KEY-1" => a_prefix_is_case_sensitive;
    "KV-LIST-1", "KV-KEY-1" => a_prefix_is_compared_byte_for_byte;
    "KV-LIST-2" => page_follows_page_without_a_gap_or_a_repeat;
    "KV-LIST-2" => the_limit_may_change_between_pages;
    "KV-LIST-2", "KV-KEY-2" => pages_meet_at_keys_of_512_bytes;
    "KV-LIST-3" => a_cursor_comes_only_when_more_keys_follow;
    "KV-LIST-5" => a_key_added_between_pages_disturbs_no_other;
    "KV-LIST-5" => a_key_removed_between_pages_disturbs_no_other;
    "KV-LIST-6" => wildcards_are_ordinary_characters_in_a_prefix;
    "KV-LIST-7" => a_prefix_may_end_in_the_highest_code_point;
    "KV-LIST-7" => a_prefix_may_end_at_the_edge_of_an_encoding_length;
    "KV-LIST-8" => page_sizes_from_1_to_1000_work_and_others_are_refused;
    "KV-LIST-9" => a_prefix_of_512_bytes_works_and_a_longer_one_is_refused;
    "KV-LIST-9" => a_prefix_with_a_control_character_is_refused;
    "KV-LIST-11", "KV-CAP-1" => a_key_that_is_written_often_is_listed_and_counted_once;
    "KV-LIST-11" => a_key_is_listed_once_while_thousands_of_others_come_and_go;
    "KV-LIST-11", "KV-LIST-2" => no_key_comes_twice_in_pages_while_others_come_and_go;
    "KV-LIST-12" => an_adapters_key_is_neither_listed_nor_counted;
    "KV-LIST-10" => a_listing_that_breaks_off_is_an_error_and_no_short_page;
}

async fn a_key_that_is_written_often_is_listed_and_counted_once(
    fixture: &DynFixture,
) -> CaseResult {
    const KEYS: u32 = 60;
    let kv = match fixture.kv_with_max_list_keys(LABEL, KEYS).await? {
        Some(store) => KvHandle::new(store),
        None => open(fixture).await?,
    };
    let keys: Vec<_> = (0..KEYS).map(|n| format!("{n:03}")).collect();
    for round in 0..4 {
        fill(&kv, &keys).await?;
        let write = async {
            for key in &keys {
                kv.delete(&format!("{key}+")).await?;
                kv.put_bytes(key, round.to_string()).await?;
            }
            Ok::<_, Stop>(())
        };
        let read = async {
            for _ in 0..10 {
                check_keys!(list(&kv, "").await?, keys, "the keys beside the writes");
            }
            Ok(())
        };
        try_join(write, read).await?;
    }
    check_keys!(pages(&kv, "", 7).await?.concat(), keys, "page by page");
    Ok(())
}

/// Has thousands of keys come and go until the work has ended.
async fn beside_others<T>(
    fixture: &DynFixture,
    work: impl Future<Output = Result<T, BoxError>>,
) -> Result<T, BoxError> {
    const OTHERS: usize = 5_000;
    let kv = open(fixture).await?;
    let ended = AtomicBool::new(false);
    let work = async {
        let done = work.await?;
        ended.store(true, Ordering::Relaxed);
        Ok::<_, BoxError>(done)
    };
    let keys: Vec<_> = (0..OTHERS).map(|n| format!("other-{n:04}")).collect();
    let come_and_go = async {
        let mut rounds = 0;
        while !ended.load(Ordering::Relaxed) || rounds == 0 {
            let pairs = keys.iter().map(|key| (key.clone(), "x".into()));
            kv.put_many_bytes(pairs.collect()).await?;
            others().await;
            kv.delete_many(&keys).await?;
            others().await;
            rounds += 1;
        }
        Ok(())
    };
    Ok(try_join(work, come_and_go).await?.0)
}

async fn a_key_is_listed_once_while_thousands_of_others_come_and_go(
    fixture: &DynFixture,
) -> CaseResult {
    const KEYS: u32 = 500;
    // As many as the cap: a key that is counted twice is one too many.
    let kv = match fixture.kv_with_max_list_keys(LABEL, KEYS).await? {
        Some(store) => KvHandle::new(store),
        None => open(fixture).await?,
    };
    let keys: Vec<_> = (0..KEYS).map(|n| format!("stays-{n:03}")).collect();
    fill(&kv, &keys).await?;
    let listings = beside_others(fixture, async {
        let mut listings = Vec::new();
        for _ in 0..8 {
            others().await;
            listings.push(kv.list_keys_page("stays-", None, 1000).await?);
        }
        Ok(listings)
    });
    for page in listings.await? {
        check_keys!(
            page.keys,
            keys,
            "500 keys that stay, while others come and go"
        );
        check_eq!(page.cursor, None, "the cursor after all keys");
    }
    Ok(())
}

async fn no_key_comes_twice_in_pages_while_others_come_and_go(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    let keys: Vec<_> = (0..500).map(|n| format!("stays-{n:03}")).collect();
    fill(&kv, &keys).await?;
    let listed = beside_others(fixture, pages(&kv, "stays-", 60)).await?;
    check_keys!(listed.concat(), keys, "in pages of 60");
    Ok(())
}

async fn an_adapters_key_is_neither_listed_nor_counted(fixture: &DynFixture) -> CaseResult {
    let store = match fixture.kv_with_max_list_keys(LABEL, 4).await? {
        Some(store) => store,
        None => fixture.kv(LABEL).await?,
    };
    // The store itself: a handle refuses a key of that length. So may a store.
    for n in 0..5 {
        let key = reserved::key(&format!("case {n}"));
        let _ = store.put_bytes(&key, "x".into()).await;
    }
    let kv = KvHandle::new(store);
    check_keys!(list(&kv, "").await?, [""; 0], "the keys of an empty store");
    let keys = ["!", "edgezero:reserved:", "edgezero:reserved:-.", "z"];
    fill(&kv, keys).await?;
    check_keys!(list(&kv, "").await?, keys, "the keys");
    check_keys!(pages(&kv, "", 1).await?.concat(), keys, "one by one");
    for prefix in ["edgezero", "edgezero:reserved:-"] {
        let expected: Vec<_> = keys
            .into_iter()
            .filter(|key| key.starts_with(prefix))
            .collect();
        check_keys!(list(&kv, prefix).await?, expected, "under {prefix:?}");
    }
    Ok(())
}

async fn an_empty_store_lists_nothing(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    for prefix in ["", "a"] {
        let page = kv.list_keys_page(prefix, None, 10).await?;
        check_keys!(page.keys, [""; 0], "the keys");
        check_eq!(page.cursor, None, "the cursor");
    }
    Ok(())
}

async fn keys_are_in_the_order_of_their_utf8_bytes(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    // Orders that differ from this one: by case, by UTF-16 units (where the last
    // but one follows the last), by number, by a language's alphabet.
    let ordered = [
        " ", "!", "10", "9", "A", "Z", "_", "a", "aa", "a\u{300}", "b", "z", "~", "Ä", "ß", "é",
        "я", "字", "\u{ffff}", "😀",
    ];
    fill(&kv, ordered.iter().rev()).await?;
    check_keys!(list(&kv, "").await?, ordered, "the keys listed");
    for limit in [1, 2, 7] {
        check_keys!(
            pages(&kv, "", limit).await?.concat(),
            ordered,
            "in pages of {limit}"
        );
    }
    Ok(())
}

async fn a_prefix_selects_exactly_its_keys(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    fill(
        &kv,
        [
            "user", "user.", "user/", "user/1", "user/2", "user0", "use", "v", "xuser/1",
        ],
    )
    .await?;
    for (prefix, expected) in [
        ("user/", &["user/", "user/1", "user/2"][..]),
        (
            "user",
            &["user", "user.", "user/", "user/1", "user/2", "user0"],
        ),
        ("user/1", &["user/1"]),
        ("user/1/", &[]),
        ("w", &[]),
    ] {
        check_keys!(list(&kv, prefix).await?, expected, "under {prefix:?}");
    }
    Ok(())
}

async fn a_key_equal_to_the_prefix_is_listed(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    fill(&kv, ["a", "ab"]).await?;
    check_keys!(list(&kv, "a").await?, ["a", "ab"], "under \"a\"");
    check_keys!(list(&kv, "ab").await?, ["ab"], "under \"ab\"");
    Ok(())
}

async fn a_prefix_is_case_sensitive(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    fill(&kv, ["Aa", "aA", "AA", "aa"]).await?;
    check_keys!(list(&kv, "a").await?, ["aA", "aa"], "under \"a\"");
    check_keys!(list(&kv, "A").await?, ["AA", "Aa"], "under \"A\"");
    Ok(())
}

async fn a_prefix_is_compared_byte_for_byte(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    // A letter with its accent, and the two as one character.
    let keys = [
        " a",
        "a",
        "a ",
        "a b",
        "ab",
        "e\u{301}",
        "e\u{301}x",
        "\u{e9}",
        "\u{e9}x",
    ];
    fill(&kv, keys).await?;
    for (prefix, expected) in [
        (" ", &[" a"][..]),
        ("a ", &["a ", "a b"]),
        ("a", &["a", "a ", "a b", "ab"]),
        ("  ", &[]),
        ("e", &["e\u{301}", "e\u{301}x"]),
        ("e\u{301}", &["e\u{301}", "e\u{301}x"]),
        ("\u{e9}", &["\u{e9}", "\u{e9}x"]),
    ] {
        check_keys!(list(&kv, prefix).await?, expected, "under {prefix:?}");
    }
    Ok(())
}

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("key:{n:04}")).collect()
}

async fn page_follows_page_without_a_gap_or_a_repeat(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    let keys = numbered(23);
    fill(&kv, &keys).await?;
    fill(&kv, ["key", "key0", "other"]).await?;
    for limit in [1, 2, 3, 10, 22, 23, 24, 1000] {
        let pages = pages(&kv, "key:", limit).await?;
        let expected: Vec<_> = keys.chunks(limit).map(<[String]>::to_vec).collect();
        check_eq!(pages, expected, "pages of {limit}");
    }
    Ok(())
}

async fn the_limit_may_change_between_pages(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    let keys = numbered(10);
    fill(&kv, &keys).await?;
    let first = kv.list_keys_page("", None, 3).await?;
    check_keys!(first.keys, keys[..3], "a page of 3");
    let second = kv.list_keys_page("", first.cursor.as_deref(), 1).await?;
    check_keys!(second.keys, keys[3..4], "then one of 1");
    let third = kv.list_keys_page("", second.cursor.as_deref(), 100).await?;
    check_keys!(third.keys, keys[4..], "then one of 100");
    check_eq!(third.cursor, None, "the last cursor");
    Ok(())
}

async fn pages_meet_at_keys_of_512_bytes(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    let keys = ["a", "b", "c", "d", "e"].map(|last| "k".repeat(511) + last);
    fill(&kv, &keys).await?;
    for limit in [1, 2] {
        let listed = pages(&kv, "k", limit).await?.concat();
        check_eq!(listed, keys, "in pages of {limit}");
    }
    Ok(())
}

async fn a_cursor_comes_only_when_more_keys_follow(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    fill(&kv, ["a1", "a2", "a3", "a4", "b"]).await?;
    for (limit, more) in [(3, true), (4, false), (5, false)] {
        let page = kv.list_keys_page("a", None, limit).await?;
        check_eq!(page.cursor.is_some(), more, "a page of {limit} of 4 keys");
    }
    // Exactly full pages end without an empty one behind.
    check_eq!(pages(&kv, "a", 2).await?.len(), 2, "pages of 2 of 4 keys");
    Ok(())
}

async fn a_key_added_between_pages_disturbs_no_other(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    fill(&kv, ["b", "d", "f", "h"]).await?;
    let first = kv.list_keys_page("", None, 2).await?;
    check_keys!(first.keys, ["b", "d"], "the first page");
    fill(&kv, ["a", "c", "d0", "g", "i"]).await?;
    let mut rest = Vec::new();
    let mut cursor = first.cursor;
    while let Some(at) = cursor {
        let page = kv.list_keys_page("", Some(&at), 2).await?;
        rest.extend(page.keys);
        cursor = page.cursor;
    }
    check_eq!(rest, ["d0", "f", "g", "h", "i"], "the pages after it");
    Ok(())
}

async fn a_key_removed_between_pages_disturbs_no_other(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    fill(&kv, ["a", "b", "c", "d", "e", "f", "g"]).await?;
    let first = kv.list_keys_page("", None, 3).await?;
    check_keys!(first.keys, ["a", "b", "c"], "the first page");
    // One of the page before, the one the cursor stands on, and one to come; and
    // one of the page before stays.
    for key in ["a", "c", "e"] {
        kv.delete(key).await?;
    }
    let second = kv.list_keys_page("", first.cursor.as_deref(), 2).await?;
    check_keys!(second.keys, ["d", "f"], "the second page");
    let third = kv.list_keys_page("", second.cursor.as_deref(), 2).await?;
    check_keys!(third.keys, ["g"], "the third page");
    check_eq!(third.cursor, None, "the last cursor");
    Ok(())
}

async fn wildcards_are_ordinary_characters_in_a_prefix(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    fill(
        &kv,
        [
            "a%1", "a_1", "a*1", "a?1", "a[b]1", "a\\1", "ab1", "abc1", "axx1",
        ],
    )
    .await?;
    for (prefix, expected) in [
        ("a%", "a%1"),
        ("a_", "a_1"),
        ("a*", "a*1"),
        ("a?", "a?1"),
        ("a[b]", "a[b]1"),
        ("a\\", "a\\1"),
    ] {
        check_keys!(list(&kv, prefix).await?, [expected], "under {prefix:?}");
    }
    for prefix in ["%", "_", "*", "?", "[", "\\", "%1", "a%%"] {
        check_keys!(list(&kv, prefix).await?, [""; 0], "under {prefix:?}");
    }
    Ok(())
}

async fn a_prefix_may_end_in_the_highest_code_point(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    let top = "\u{10ffff}";
    let keys = [
        format!("a{top}"),
        format!("a{top}z"),
        format!("a{top}{top}"),
        "b".to_owned(),
    ];
    fill(&kv, &keys).await?;
    fill(&kv, ["a", "a\u{10fffe}z"]).await?;
    check_keys!(
        list(&kv, &keys[0]).await?,
        keys[..3],
        "under a and U+10FFFF"
    );
    check_keys!(list(&kv, top).await?, [""; 0], "under U+10FFFF");
    kv.put_bytes(top, "x").await?;
    check_keys!(
        list(&kv, top).await?,
        [top],
        "under U+10FFFF, when it is a key"
    );
    check_eq!(pages(&kv, "a", 1).await?.len(), 5, "pages of 1 under a");
    Ok(())
}

async fn a_prefix_may_end_at_the_edge_of_an_encoding_length(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    // The last character of one, two and three bytes, around the surrogates, and
    // the character that follows each.
    let edges = [
        "~",
        "\u{a0}",
        "\u{7ff}",
        "\u{800}",
        "\u{d7ff}",
        "\u{e000}",
        "\u{ffff}",
        "\u{10000}",
    ];
    fill(&kv, edges).await?;
    fill(&kv, edges.map(|edge| format!("{edge}x"))).await?;
    for edge in edges {
        check_keys!(
            list(&kv, edge).await?,
            [edge.to_owned(), format!("{edge}x")],
            "under {edge:?}"
        );
    }
    Ok(())
}

async fn page_sizes_from_1_to_1000_work_and_others_are_refused(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    fill(&kv, ["a", "b"]).await?;
    check_eq!(
        kv.list_keys_page("", None, 1).await?.keys,
        ["a"],
        "a page of 1"
    );
    check_eq!(
        kv.list_keys_page("", None, 1000).await?.keys,
        ["a", "b"],
        "a page of 1000"
    );
    for limit in [0, 1001, usize::MAX] {
        let page = kv.list_keys_page("", None, limit).await;
        check_err!(page, KvError::Validation { .. }, "a page of {limit}");
    }
    Ok(())
}

async fn a_prefix_of_512_bytes_works_and_a_longer_one_is_refused(
    fixture: &DynFixture,
) -> CaseResult {
    let kv = open(fixture).await?;
    let longest = "p".repeat(512);
    fill(&kv, [&longest]).await?;
    check_keys!(
        list(&kv, &longest).await?,
        [longest.as_str()],
        "under 512 bytes"
    );
    let page = kv.list_keys_page(&"p".repeat(513), None, 1).await;
    check_err!(page, KvError::Validation { .. }, "a prefix of 513 bytes");
    Ok(())
}

async fn a_listing_that_breaks_off_is_an_error_and_no_short_page(
    fixture: &DynFixture,
) -> CaseResult {
    let kv = open(fixture).await?;
    let keys = numbered(900);
    fill(&kv, &keys).await?;
    if !fixture.fail_mid_listing(LABEL).await? {
        return Err(Declined::new("the fixture cannot have the platform fail in a listing").into());
    }
    let page = open(fixture).await?.list_keys_page("", None, 1000).await;
    let error = check_err!(
        page,
        KvError::Internal { .. } | KvError::Unavailable { .. },
        "a listing that breaks off"
    );
    check!(error.status() >= 500, "the status is {}", error.status());
    Ok(())
}

async fn a_prefix_with_a_control_character_is_refused(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    for prefix in ["\0", "a\n", "\u{7f}", "\u{85}"] {
        let page = kv.list_keys_page(prefix, None, 1).await;
        let error = check_err!(page, KvError::Validation { .. }, "the prefix {prefix:?}");
        check!(
            !error.to_string().contains(char::is_control),
            "a control character in the message"
        );
    }
    Ok(())
}
