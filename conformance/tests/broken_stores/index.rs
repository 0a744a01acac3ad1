//! Stores with an index of keys beside the values, which not every call maintains.

use edgezero_store_traits::KvPage;
use edgezero_store_traits::kv::PageSelector;

use crate::flaw::{Done, Flaw, On, RIGHT, Right};

const MADE: &str = "kv::ways::a_key_is_listed_by_whatever_call_it_was_made";
const REMOVED: &str = "kv::ways::a_key_is_gone_from_the_listing_by_whatever_call_it_was_removed";
const TTL_ENDED: &str = "kv::ways::a_key_stays_listed_by_whatever_call_its_ttl_ended";
const EXPIRED: &str = "kv::ways::an_expired_key_is_listed_again_by_whatever_call_it_was_made";

/// An index that every call maintains.
const INDEXED: Flaw = Flaw {
    put: |right, key, value| {
        right.shared.set(key, "");
        right.put_bytes(key, value)
    },
    put_with_ttl: |right, key, value, ttl| {
        right.shared.set(key, "");
        right.put_bytes_with_ttl(key, value, ttl)
    },
    delete: |right, key| {
        right.shared.take(key);
        right.delete(key)
    },
    put_many: |right, pairs| {
        for (key, _) in &pairs {
            right.shared.set(key, "");
        }
        right.put_many(pairs)
    },
    delete_many: |right, keys| {
        for key in keys {
            right.shared.take(key);
        }
        right.delete_many(keys)
    },
    increment: |right, key, delta| {
        right.shared.set(key, "");
        right.increment(key, delta)
    },
    swap: |begun, value| {
        begun.right.shared.set(&begun.key, "");
        begun.swap.swap(value)
    },
    list,
    ..RIGHT
};

/// Lists what the index has.
fn list<'a>(
    right: &'a Right,
    prefix: &'a str,
    cursor: Option<&'a str>,
    limit: usize,
) -> Done<'a, KvPage> {
    Box::pin(async move {
        let keys: Vec<String> = right.shared.lock().keys().cloned().collect();
        let mut page = PageSelector::new(prefix, cursor, limit, None)?;
        for key in keys {
            page.offer(key)?;
        }
        Ok(page.finish())
    })
}

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "a_counter_is_not_in_the_index",
        fails: &[MADE],
        increment: RIGHT.increment,
        ..INDEXED
    },
    Flaw {
        name: "a_key_that_a_swap_made_is_not_in_the_index",
        fails: &[MADE],
        swap: RIGHT.swap,
        ..INDEXED
    },
    Flaw {
        name: "a_batch_is_not_in_the_index",
        fails: &[MADE],
        put_many: RIGHT.put_many,
        ..INDEXED
    },
    Flaw {
        name: "a_put_with_ttl_is_not_in_the_index",
        fails: &[MADE],
        on: On::MemoryWithTtl,
        put_with_ttl: RIGHT.put_with_ttl,
        ..INDEXED
    },
    Flaw {
        name: "an_increment_takes_a_key_out_of_the_index",
        fails: &[MADE],
        increment: |right, key, delta| {
            right.shared.take(key);
            right.increment(key, delta)
        },
        ..INDEXED
    },
    Flaw {
        name: "a_batch_of_deletes_leaves_the_index",
        fails: &[REMOVED],
        delete_many: RIGHT.delete_many,
        ..INDEXED
    },
    Flaw {
        name: "a_delete_leaves_the_index",
        fails: &[REMOVED],
        delete: RIGHT.delete,
        ..INDEXED
    },
    Flaw {
        name: "a_deleted_key_never_comes_back_to_the_index",
        fails: &[REMOVED],
        delete: |right, key| {
            right.own.set(key, "");
            right.shared.take(key);
            right.delete(key)
        },
        increment: |right, key, delta| {
            if !right.own.has(key) {
                right.shared.set(key, "");
            }
            right.increment(key, delta)
        },
        ..INDEXED
    },
    Flaw {
        name: "the_entry_in_the_index_keeps_the_ttl_that_an_increment_ended",
        fails: &[TTL_ENDED],
        on: On::MemoryWithTtl,
        increment: |right, key, delta| {
            right.own.set(key, "");
            right.increment(key, delta)
        },
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let mut page = right.list_keys_page(prefix, cursor, limit).await?;
                page.keys.retain(|key| !right.own.has(key));
                Ok(page)
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_swap_of_an_expired_key_is_not_in_the_index",
        fails: &[EXPIRED],
        on: On::MemoryWithTtl,
        put_with_ttl: |right, key, value, ttl| {
            right.shared.set(key, "");
            right.put_bytes_with_ttl(key, value, ttl)
        },
        swap: |begun, value| {
            // It takes the entry for there, and the listing for expired.
            if begun.right.shared.has(&begun.key) && begun.current.is_none() {
                begun.right.own.set(&begun.key, "");
            }
            begun.swap.swap(value)
        },
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let mut page = right.list_keys_page(prefix, cursor, limit).await?;
                page.keys.retain(|key| !right.own.has(key));
                Ok(page)
            })
        },
        ..RIGHT
    },
];
