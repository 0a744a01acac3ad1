//! Stores whose next page is not the one that follows.

use edgezero_store_traits::{KvError, KvPage};

use crate::flaw::{Flaw, RIGHT, Right, internal};

/// The page from this place in the list of all keys; the cursor is a place.
async fn from_place(
    right: &Right,
    prefix: &str,
    place: usize,
    limit: usize,
) -> Result<KvPage, KvError> {
    let keys = right.keys(prefix).await?;
    let end = (place + limit).min(keys.len());
    Ok(KvPage {
        cursor: (end < keys.len()).then(|| end.to_string()),
        keys: keys[place.min(end)..end].to_vec(),
    })
}

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "a_cursor_is_inclusive",
        fails: &["kv::listing::page_follows_page_without_a_gap_or_a_repeat"],
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let mut page = right.list_keys_page(prefix, cursor, limit).await?;
                page.keys.splice(0..0, cursor.map(str::to_owned));
                page.keys.truncate(limit);
                Ok(page)
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_key_is_skipped_between_two_pages",
        fails: &["kv::listing::page_follows_page_without_a_gap_or_a_repeat"],
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let mut page = right.list_keys_page(prefix, cursor, limit).await?;
                if let Some(last) = page.cursor {
                    // The first key of the next page, which then starts after it.
                    let next = right.list_keys_page(prefix, Some(&last), 1).await?;
                    page.cursor = next.keys.first().cloned();
                }
                Ok(page)
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "after_a_cursor_the_prefix_is_ignored",
        fails: &["kv::listing::page_follows_page_without_a_gap_or_a_repeat"],
        list: |right, prefix, cursor, limit| {
            right.list_keys_page(if cursor.is_some() { "" } else { prefix }, cursor, limit)
        },
        ..RIGHT
    },
    Flaw {
        name: "a_full_page_has_a_cursor_though_it_is_the_last",
        fails: &["kv::listing::a_cursor_comes_only_when_more_keys_follow"],
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let mut page = right.list_keys_page(prefix, cursor, limit).await?;
                page.cursor = page.keys.get(limit - 1).cloned();
                Ok(page)
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "the_last_page_has_a_cursor",
        fails: &["kv::listing::a_cursor_comes_only_when_more_keys_follow"],
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let mut page = right.list_keys_page(prefix, cursor, limit).await?;
                page.cursor = page.keys.last().cloned();
                Ok(page)
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_page_over_half_the_keys_has_no_cursor",
        fails: &["kv::listing::page_follows_page_without_a_gap_or_a_repeat"],
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let mut page = right.list_keys_page(prefix, cursor, limit).await?;
                let all = right.keys(prefix).await?.len();
                page.cursor = page.cursor.filter(|_| page.keys.len() * 2 < all);
                Ok(page)
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_cursor_is_a_place",
        fails: &[
            "kv::listing::a_key_added_between_pages_disturbs_no_other",
            "kv::listing::a_key_removed_between_pages_disturbs_no_other",
        ],
        list: |right, prefix, cursor, limit| {
            let place = cursor.map_or(0, |place| place.parse().unwrap());
            Box::pin(from_place(right, prefix, place, limit))
        },
        ..RIGHT
    },
    Flaw {
        name: "a_cursor_is_the_number_of_a_page",
        fails: &["kv::listing::the_limit_may_change_between_pages"],
        list: |right, prefix, cursor, limit| {
            let number = cursor.map_or(0, |number| number.parse().unwrap());
            Box::pin(async move {
                let mut page = from_place(right, prefix, number * limit, limit).await?;
                page.cursor = page.cursor.map(|_| (number + 1).to_string());
                Ok(page)
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_cursor_whose_key_was_deleted_starts_anew",
        fails: &["kv::listing::a_key_removed_between_pages_disturbs_no_other"],
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let known = match cursor {
                    Some(key) => right.exists(key).await?,
                    None => false,
                };
                let cursor = cursor.filter(|_| known);
                right.list_keys_page(prefix, cursor, limit).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_cursor_is_good_once",
        fails: &["kv::cursor::a_cursor_works_again_and_for_another_handle"],
        list: |right, prefix, cursor, limit| {
            if cursor.is_some_and(|cursor| right.shared.count(cursor) > 1) {
                return Box::pin(async { Err(internal("no such cursor")) });
            }
            right.list_keys_page(prefix, cursor, limit)
        },
        ..RIGHT
    },
    Flaw {
        name: "a_cursor_is_good_for_its_own_handle_only",
        fails: &["kv::cursor::a_cursor_works_again_and_for_another_handle"],
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                if cursor.is_some_and(|cursor| !right.own.has(cursor)) {
                    return Err(internal("no such cursor"));
                }
                let page = right.list_keys_page(prefix, cursor, limit).await?;
                if let Some(cursor) = &page.cursor {
                    right.own.set(cursor, "");
                }
                Ok(page)
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_cursor_has_at_most_255_bytes",
        fails: &["kv::listing::pages_meet_at_keys_of_512_bytes"],
        list: |right, prefix, cursor, limit| {
            let cursor = cursor.map(|cursor| &cursor[..cursor.floor_char_boundary(255)]);
            right.list_keys_page(prefix, cursor, limit)
        },
        ..RIGHT
    },
];
