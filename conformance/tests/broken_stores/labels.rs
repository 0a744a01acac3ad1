//! Stores that reach into each other.

use conformance::fixture::LABEL;

use crate::flaw::{Flaw, RIGHT};

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "all_labels_are_one_store",
        fails: &["kv::labels::two_labels_share_no_key"],
        label: |_| LABEL,
        ..RIGHT
    },
    Flaw {
        name: "a_missing_key_is_read_from_another_label",
        fails: &["kv::labels::two_labels_share_no_key"],
        get: |right, key| {
            Box::pin(async move {
                match right.get_bytes(key).await? {
                    None => right.other.get_bytes(key).await,
                    found => Ok(found),
                }
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_key_exists_in_every_label",
        fails: &["kv::labels::two_labels_share_no_key"],
        exists: |right, key| {
            Box::pin(async move { Ok(right.exists(key).await? || right.other.exists(key).await?) })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_delete_is_of_another_label",
        fails: &["kv::labels::a_delete_in_one_label_leaves_the_other"],
        delete: |right, key| right.other.delete(key),
        ..RIGHT
    },
    Flaw {
        name: "a_delete_is_of_every_label",
        fails: &["kv::labels::a_delete_in_one_label_leaves_the_other"],
        delete: |right, key| {
            Box::pin(async move {
                right.other.delete(key).await?;
                right.delete(key).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_listing_is_of_every_label",
        fails: &["kv::labels::a_listing_shows_its_own_label_only"],
        list: |right, prefix, cursor, limit| {
            Box::pin(async move {
                let mut page = right.list_keys_page(prefix, cursor, limit).await?;
                let other = right.other.list_keys_page(prefix, cursor, limit).await?;
                page.keys.extend(other.keys);
                page.keys.sort();
                Ok(page)
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_batch_is_read_from_another_label",
        fails: &["kv::labels::a_batch_in_one_label_leaves_the_other"],
        get_many: |right, keys| {
            Box::pin(async move {
                let own = right.get_many(keys).await?.into_iter();
                let other = right.other.get_many(keys).await?;
                Ok(own.zip(other).map(|(own, other)| own.or(other)).collect())
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_batch_is_written_to_every_label",
        fails: &["kv::labels::a_batch_in_one_label_leaves_the_other"],
        put_many: |right, pairs| {
            Box::pin(async move {
                right.other.put_many(pairs.clone()).await?;
                right.put_many(pairs).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_batch_is_deleted_from_every_label",
        fails: &["kv::labels::a_batch_in_one_label_leaves_the_other"],
        delete_many: |right, keys| {
            Box::pin(async move {
                right.other.delete_many(keys).await?;
                right.delete_many(keys).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_counter_counts_in_every_label",
        fails: &["kv::labels::a_counter_in_one_label_leaves_the_other"],
        increment: |right, key, delta| {
            Box::pin(async move {
                right.other.increment(key, delta).await?;
                right.increment(key, delta).await
            })
        },
        ..RIGHT
    },
    Flaw {
        name: "a_swap_conflicts_with_another_label",
        fails: &["kv::labels::a_swap_in_one_label_is_not_disturbed_by_the_other"],
        swap: |begun, value| {
            Box::pin(async move {
                if begun.right.other.get_bytes(&begun.key).await? != begun.current {
                    return Err(crate::flaw::conflict(&begun.key));
                }
                begun.swap.swap(value).await
            })
        },
        ..RIGHT
    },
];
