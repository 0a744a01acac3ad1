//! Stores that list other keys, or in another order.

use edgezero_store_traits::KvPage;
use edgezero_store_traits::kv::reserved;
use unicode_normalization::UnicodeNormalization;

use crate::flaw::{Done, Flaw, RIGHT, Right, internal};

/// The first `limit` of the keys that follow.
fn page(mut keys: Vec<String>, limit: usize) -> KvPage {
    let more = keys.len() > limit;
    keys.truncate(limit);
    let cursor = keys.last().filter(|_| more).cloned();
    KvPage { keys, cursor }
}

/// The page of the keys that match, in this order.
fn ordered<'a, O: Ord + 'a>(
    right: &'a Right,
    cursor: Option<&'a str>,
    limit: usize,
    matches: impl Fn(&str) -> bool + Send + 'a,
    order: fn(&str) -> O,
) -> Done<'a, KvPage> {
    Box::pin(async move {
        let mut keys = right.keys("").await?;
        keys.retain(|key| {
            let follows = cursor.is_none_or(|after| order(key) > order(after));
            follows && matches(key)
        });
        keys.sort_by_key(|key| order(key));
        Ok(page(keys, limit))
    })
}

/// The page of the keys that match, in the right order.
fn matching<'a>(
    right: &'a Right,
    cursor: Option<&'a str>,
    limit: usize,
    matches: impl Fn(&str) -> bool + Send + 'a,
) -> Done<'a, KvPage> {
    ordered(right, cursor, limit, matches, str::to_owned)
}

/// The page of the keys from `prefix` up to `end`.
fn up_to<'a>(
    right: &'a Right,
    prefix: &'a str,
    cursor: Option<&'a str>,
    limit: usize,
    end: Option<String>,
) -> Done<'a, KvPage> {
    let end = end.filter(|_| !prefix.is_empty());
    matching(right, cursor, limit, move |key| {
        key >= prefix && end.as_ref().is_none_or(|end| key < end.as_str())
    })
}

/// Whether SQLite would find that the text is like the pattern.
fn like(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('%') => text
            .char_indices()
            .map(|(at, _)| at)
            .chain([text.len()])
            .any(|at| like(rest.as_str(), &text[at..])),
        Some(c) => text.chars().next().is_some_and(|first| {
            let same = c == '_' || c.eq_ignore_ascii_case(&first);
            same && like(rest.as_str(), &text[first.len_utf8()..])
        }),
    }
}

pub(crate) const FLAWS: &[Flaw] = &[
    // The order.
    Flaw {
        name: "keys_are_in_no_order",
        fails: &["kv::listing::keys_are_in_the_order_of_their_utf8_bytes"],
        list: |right, prefix, cursor, limit| {
            let scrambled = |key: &str| {
                key.bytes()
                    .fold(7_u8, |sum, byte| sum.wrapping_mul(31) ^ byte)
            };
            let matches = move |key: &str| key.starts_with(prefix);
            ordered(right, cursor, limit, matches, scrambled)
        },
        ..RIGHT
    },
    Flaw {
        name: "keys_are_in_the_order_of_utf16_units",
        fails: &["kv::listing::keys_are_in_the_order_of_their_utf8_bytes"],
        list: |right, prefix, cursor, limit| {
            let units = |key: &str| key.encode_utf16().collect::<Vec<_>>();
            let matches = move |key: &str| key.starts_with(prefix);
            ordered(right, cursor, limit, matches, units)
        },
        ..RIGHT
    },
    Flaw {
        name: "keys_are_in_the_order_of_folded_case",
        fails: &["kv::listing::keys_are_in_the_order_of_their_utf8_bytes"],
        list: |right, prefix, cursor, limit| {
            let folded = |key: &str| (key.to_lowercase(), key.to_owned());
            let matches = move |key: &str| key.starts_with(prefix);
            ordered(right, cursor, limit, matches, folded)
        },
        ..RIGHT
    },
    Flaw {
        name: "keys_are_in_the_order_of_their_numbers",
        fails: &["kv::listing::keys_are_in_the_order_of_their_utf8_bytes"],
        list: |right, prefix, cursor, limit| {
            let number = |key: &str| (key.parse().unwrap_or(u64::MAX), key.to_owned());
            let matches = move |key: &str| key.starts_with(prefix);
            ordered(right, cursor, limit, matches, number)
        },
        ..RIGHT
    },
    Flaw {
        name: "keys_are_in_the_order_of_their_letters_without_accents",
        fails: &["kv::listing::keys_are_in_the_order_of_their_utf8_bytes"],
        list: |right, prefix, cursor, limit| {
            let letters = |key: &str| key.nfd().collect::<String>();
            let matches = move |key: &str| key.starts_with(prefix);
            ordered(right, cursor, limit, matches, letters)
        },
        ..RIGHT
    },
    // The prefix.
    Flaw {
        name: "a_prefix_is_found_anywhere_in_a_key",
        fails: &["kv::listing::a_prefix_selects_exactly_its_keys"],
        list: |right, prefix, cursor, limit| {
            matching(right, cursor, limit, move |key| key.contains(prefix))
        },
        ..RIGHT
    },
    Flaw {
        name: "a_prefix_ends_at_a_slash",
        fails: &["kv::listing::a_prefix_selects_exactly_its_keys"],
        list: |right, prefix, cursor, limit| {
            let folder = prefix.rsplit_once('/').map_or(prefix, |(folder, _)| folder);
            matching(right, cursor, limit, move |key| key.starts_with(folder))
        },
        ..RIGHT
    },
    Flaw {
        name: "a_key_equal_to_the_prefix_is_left_out",
        fails: &["kv::listing::a_key_equal_to_the_prefix_is_listed"],
        list: |right, prefix, cursor, limit| {
            let matches = move |key: &str| key.starts_with(prefix) && key != prefix;
            matching(right, cursor, limit, matches)
        },
        ..RIGHT
    },
    Flaw {
        name: "the_case_of_a_prefix_is_ignored",
        fails: &["kv::listing::a_prefix_is_case_sensitive"],
        list: |right, prefix, cursor, limit| {
            let prefix = prefix.to_lowercase();
            let matches = move |key: &str| key.to_lowercase().starts_with(&prefix);
            matching(right, cursor, limit, matches)
        },
        ..RIGHT
    },
    Flaw {
        name: "a_prefix_is_trimmed",
        fails: &["kv::listing::a_prefix_is_compared_byte_for_byte"],
        list: |right, prefix, cursor, limit| right.list_keys_page(prefix.trim(), cursor, limit),
        ..RIGHT
    },
    Flaw {
        name: "a_prefix_is_normalised",
        fails: &["kv::listing::a_prefix_is_compared_byte_for_byte"],
        list: |right, prefix, cursor, limit| {
            let prefix: String = prefix.nfc().collect();
            let matches = move |key: &str| key.nfc().collect::<String>().starts_with(&prefix);
            matching(right, cursor, limit, matches)
        },
        ..RIGHT
    },
    Flaw {
        name: "a_prefix_is_a_like_pattern",
        fails: &["kv::listing::wildcards_are_ordinary_characters_in_a_prefix"],
        list: |right, prefix, cursor, limit| {
            let pattern = format!("{prefix}%");
            matching(right, cursor, limit, move |key| like(&pattern, key))
        },
        ..RIGHT
    },
    Flaw {
        name: "a_prefix_is_a_glob_pattern",
        fails: &["kv::listing::wildcards_are_ordinary_characters_in_a_prefix"],
        list: |right, prefix, cursor, limit| {
            let pattern = format!("{prefix}%").replace('?', "_").replace('*', "%");
            let escaped = prefix.contains(['%', '_']);
            matching(right, cursor, limit, move |key| {
                key.starts_with(prefix) || (!escaped && like(&pattern, key))
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_prefix_ends_before_the_next_character_and_after_the_highest_nowhere",
        fails: &["kv::listing::a_prefix_may_end_in_the_highest_code_point"],
        list: |right, prefix, cursor, limit| {
            let (before, last) =
                prefix.split_at(prefix.floor_char_boundary(prefix.len().max(1) - 1));
            let next = last.chars().next().map(|last| u32::from(last) + 1);
            // None of the surrogates is a character.
            let next = next.map(|next| if next == 0xd800 { 0xe000 } else { next });
            let end = next.and_then(char::from_u32);
            let end = end.map(|end| format!("{before}{end}"));
            up_to(right, prefix, cursor, limit, end)
        },
        ..RIGHT
    },
    Flaw {
        name: "a_prefix_ends_before_the_next_code_point",
        fails: &["kv::listing::a_prefix_may_end_at_the_edge_of_an_encoding_length"],
        list: |right, prefix, cursor, limit| {
            let (before, last) =
                prefix.split_at(prefix.floor_char_boundary(prefix.len().max(1) - 1));
            let next = last.chars().next().map(|last| u32::from(last) + 1);
            let end = next.and_then(char::from_u32).unwrap_or(char::MAX);
            up_to(right, prefix, cursor, limit, Some(format!("{before}{end}")))
        },
        ..RIGHT
    },
    Flaw {
        name: "a_prefix_ends_at_u_ffff",
        fails: &["kv::listing::a_prefix_may_end_in_the_highest_code_point"],
        list: |right, prefix, cursor, limit| {
            up_to(
                right,
                prefix,
                cursor,
                limit,
                Some(format!("{prefix}\u{ffff}")),
            )
        },
        ..RIGHT
    },
    // The page.
    Flaw {
        name: "a_page_has_one_key_more_than_its_limit",
        fails: &["kv::listing::page_follows_page_without_a_gap_or_a_repeat"],
        list: |right, prefix, cursor, limit| {
            right.list_keys_page(prefix, cursor, (limit + 1).min(1000))
        },
        ..RIGHT
    },
    Flaw {
        name: "a_page_has_one_key_less_than_its_limit",
        fails: &["kv::listing::page_sizes_from_1_to_1000_work_and_others_are_refused"],
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let mut page = right.list_keys_page(prefix, cursor, limit).await?;
                page.keys.pop();
                Ok(page)
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_page_of_1000_keys_is_too_large",
        fails: &["kv::listing::page_sizes_from_1_to_1000_work_and_others_are_refused"],
        list: |right, prefix, cursor, limit| {
            if limit == 1000 {
                return Box::pin(async { Err(internal("too large")) });
            }
            right.list_keys_page(prefix, cursor, limit)
        },
        ..RIGHT
    },
    Flaw {
        name: "a_page_is_filtered_after_it_was_cut",
        fails: &["kv::listing::page_follows_page_without_a_gap_or_a_repeat"],
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let mut page = right.list_keys_page("", cursor, limit).await?;
                page.keys.retain(|key| key.starts_with(prefix));
                Ok(page)
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_key_is_listed_twice",
        fails: &["kv::listing::page_follows_page_without_a_gap_or_a_repeat"],
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let mut keys = right.keys(prefix).await?;
                keys.retain(|key| cursor.is_none_or(|after| key.as_str() > after));
                keys.extend(keys.first().cloned());
                keys.sort();
                Ok(page(keys, limit))
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "an_adapters_key_is_listed",
        fails: &["kv::listing::an_adapters_key_is_neither_listed_nor_counted"],
        put: |right, key, value| {
            if reserved::is_reserved(key) {
                right.shared.set(reserved::PREFIX, "");
            }
            right.put_bytes(key, value)
        },
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let mut page = right.list_keys_page(prefix, cursor, limit).await?;
                if prefix.is_empty() && right.shared.has(reserved::PREFIX) {
                    page.keys.push(reserved::key("note"));
                }
                Ok(page)
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "only_the_first_1000_keys_are_listed",
        fails: &["kv::cap::a_store_without_a_cap_lists_more_than_1000_keys"],
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let mut keys = right.keys(prefix).await?;
                keys.truncate(1000);
                keys.retain(|key| cursor.is_none_or(|after| key.as_str() > after));
                Ok(page(keys, limit))
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_listing_is_stale_after_a_write_elsewhere",
        fails: &["kv::values::every_way_to_read_sees_what_another_handle_wrote"],
        put: |right, key, value| {
            right.own.lock().clear();
            right.put_bytes(key, value)
        },
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                if !right.own.has("listed") {
                    right.own.set("listed", "");
                    for key in right.keys("").await? {
                        right.own.set(&format!("key {key}"), "");
                    }
                }
                let listed: Vec<_> = right.own.lock().keys().cloned().collect();
                let keys = listed.iter().filter_map(|key| key.strip_prefix("key "));
                let follow = |key: &&str| cursor.is_none_or(|after| *key > after);
                let keys = keys.filter(|key| key.starts_with(prefix)).filter(follow);
                Ok(page(keys.map(str::to_owned).collect(), limit))
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_listing_that_breaks_off_ends_there",
        fails: &["kv::listing::a_listing_that_breaks_off_is_an_error_and_no_short_page"],
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let page = right.list_keys_page(prefix, cursor, limit).await;
                Ok(page.unwrap_or_default())
            })
        },
        ..RIGHT
    },
];
