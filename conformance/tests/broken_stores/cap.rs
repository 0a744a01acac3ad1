//! Stores that refuse other listings than the cap says.

use edgezero_store_traits::KvError;
use edgezero_store_traits::kv::reserved;

use crate::flaw::{Done, Flaw, On, RIGHT, Right, internal};

/// The right page, unless the keys that were counted are more than the cap.
fn capped<'a>(
    right: &'a Right,
    (prefix, cursor, limit): (&'a str, Option<&'a str>, usize),
    counted: impl Future<Output = Result<usize, KvError>> + Send + 'a,
) -> Done<'a, edgezero_store_traits::KvPage> {
    Box::pin(async move {
        match right.capabilities().max_list_keys {
            Some(max) if counted.await? > max.get() as usize => Err(KvError::LimitExceeded {
                prefix: prefix.to_owned(),
                max: max.get(),
                store: None,
            }),
            _ => right.uncapped.list_keys_page(prefix, cursor, limit).await,
        }
    })
}

const CAPPED: Flaw = Flaw {
    on: On::Sqlite,
    ..RIGHT
};

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "the_cap_is_one_key_less",
        fails: &["kv::cap::as_many_keys_as_the_cap_are_listed"],
        cap: |cap| cap.max(2) - 1,
        ..CAPPED
    },
    Flaw {
        name: "the_cap_is_one_key_more",
        fails: &["kv::cap::one_key_more_than_the_cap_is_an_error"],
        cap: |cap| cap + 1,
        ..CAPPED
    },
    Flaw {
        name: "the_cap_is_reached_at_the_cap",
        fails: &["kv::cap::as_many_keys_as_the_cap_are_listed"],
        list: |right, prefix, cursor, limit| {
            let counted = async move { Ok(right.keys(prefix).await?.len() + 1) };
            capped(right, (prefix, cursor, limit), counted)
        },
        ..CAPPED
    },
    Flaw {
        name: "the_cap_counts_all_keys",
        fails: &["kv::cap::only_keys_that_match_the_prefix_count"],
        list: |right, prefix, cursor, limit| {
            let counted = async move { Ok(right.keys("").await?.len()) };
            capped(right, (prefix, cursor, limit), counted)
        },
        ..CAPPED
    },
    Flaw {
        name: "the_cap_counts_the_keys_after_the_cursor",
        fails: &["kv::cap::the_cap_holds_on_every_page_and_for_every_limit"],
        list: |right, prefix, cursor, limit| {
            let counted = async move {
                let keys = right.keys(prefix).await?;
                let follow = |key: &&String| cursor.is_none_or(|after| key.as_str() > after);
                Ok(keys.iter().filter(follow).count())
            };
            capped(right, (prefix, cursor, limit), counted)
        },
        ..CAPPED
    },
    Flaw {
        name: "the_cap_counts_the_keys_of_the_page",
        fails: &["kv::cap::the_cap_holds_on_every_page_and_for_every_limit"],
        list: |right, prefix, cursor, limit| {
            let counted = async move { Ok(right.keys(prefix).await?.len().min(limit)) };
            capped(right, (prefix, cursor, limit), counted)
        },
        ..CAPPED
    },
    Flaw {
        name: "the_cap_holds_on_the_first_page_only",
        fails: &["kv::cap::the_cap_holds_on_every_page_and_for_every_limit"],
        list: |right, prefix, cursor, limit| match cursor {
            None => right.list_keys_page(prefix, cursor, limit),
            Some(_) => right.uncapped.list_keys_page(prefix, cursor, limit),
        },
        ..CAPPED
    },
    Flaw {
        // A platform that names a key twice in one listing.
        name: "the_cap_counts_a_key_for_each_of_its_values",
        fails: &["kv::listing::a_key_that_is_written_often_is_listed_and_counted_once"],
        on: On::Sqlite,
        put: |right, key, value| {
            right.shared.count("written");
            right.put_bytes(key, value)
        },
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let written = right.shared.get("written").map_or(0, |count| count.len());
                match right.capabilities().max_list_keys {
                    Some(max) if written > max.get() as usize => Err(KvError::LimitExceeded {
                        prefix: prefix.to_owned(),
                        max: max.get(),
                        store: None,
                    }),
                    _ => right.list_keys_page(prefix, cursor, limit).await,
                }
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "the_cap_counts_an_adapters_keys",
        fails: &["kv::listing::an_adapters_key_is_neither_listed_nor_counted"],
        on: On::Sqlite,
        put: |right, key, value| {
            if reserved::is_reserved(key) {
                right.shared.count("reserved");
            }
            right.put_bytes(key, value)
        },
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let reserved = right.shared.get("reserved").map_or(0, |count| count.len());
                match right.capabilities().max_list_keys {
                    Some(max) if reserved > max.get() as usize => Err(KvError::LimitExceeded {
                        prefix: prefix.to_owned(),
                        max: max.get(),
                        store: None,
                    }),
                    _ => right.list_keys_page(prefix, cursor, limit).await,
                }
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "the_cap_counts_deleted_keys",
        fails: &["kv::cap::a_deleted_key_no_longer_counts"],
        put: |right, key, value| {
            right.shared.set(key, "");
            right.put_bytes(key, value)
        },
        list: |right, prefix, cursor, limit| {
            let counted = async move {
                let ever = right.shared.lock();
                Ok(ever.keys().filter(|key| key.starts_with(prefix)).count())
            };
            capped(right, (prefix, cursor, limit), counted)
        },
        ..CAPPED
    },
    Flaw {
        name: "keys_beyond_the_cap_are_left_out",
        fails: &["kv::cap::one_key_more_than_the_cap_is_an_error"],
        list: |right, prefix, cursor, limit| {
            let max = right.capabilities().max_list_keys;
            let limit = max.map_or(limit, |max| limit.min(max.get() as usize));
            Box::pin(async move {
                let mut page = right.uncapped.list_keys_page(prefix, cursor, limit).await?;
                page.cursor = None;
                Ok(page)
            })
        },
        ..CAPPED
    },
    Flaw {
        name: "a_listing_beyond_the_cap_is_an_internal_error",
        fails: &["kv::cap::one_key_more_than_the_cap_is_an_error"],
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let page = right.list_keys_page(prefix, cursor, limit).await;
                page.map_err(|error| internal(error.to_string()))
            })
        },
        ..CAPPED
    },
    Flaw {
        name: "a_cap_of_0_is_the_default_cap",
        fails: &["kv::cap::a_cap_of_0_is_no_cap"],
        cap: |cap| if cap == 0 { 1000 } else { cap },
        ..CAPPED
    },
    Flaw {
        name: "a_cap_of_0_lists_nothing",
        fails: &["kv::cap::a_cap_of_0_is_no_cap"],
        cap: |cap| cap.max(1),
        ..CAPPED
    },
    Flaw {
        name: "the_default_cap_is_1024",
        fails: &["kv::cap::the_default_cap_is_1000"],
        default_cap: Some(1024),
        ..CAPPED
    },
    Flaw {
        name: "a_store_has_a_cap_and_says_that_it_has_none",
        fails: &["kv::cap::a_store_without_a_cap_lists_more_than_1000_keys"],
        capabilities: |capabilities| capabilities.with_max_list_keys(0),
        ..CAPPED
    },
    Flaw {
        name: "a_scan_stops_at_the_cap",
        fails: &[
            "kv::cap::a_scan_lists_the_keys_beyond_the_cap",
            "kv::cap::a_store_over_the_cap_is_purged_by_a_scan",
        ],
        scan: |right, prefix, cursor, limit| right.list_keys_page(prefix, cursor, limit),
        ..CAPPED
    },
    Flaw {
        name: "a_scan_gives_one_page",
        fails: &["kv::cap::a_store_over_the_cap_is_purged_by_a_scan"],
        scan: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let mut page = right.scan_page(prefix, cursor, limit).await?;
                page.cursor = None;
                Ok(page)
            })
        },
        ..CAPPED
    },
    Flaw {
        name: "a_scan_starts_from_the_first_key",
        fails: &["kv::cap::a_scan_and_a_listing_share_their_cursors"],
        scan: |right, prefix, _, limit| right.scan_page(prefix, None, limit),
        ..CAPPED
    },
];
