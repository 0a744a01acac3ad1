//! Time to live.

use std::time::{Duration, Instant};

use bytes::Bytes;
use edgezero_store_traits::{BoxError, KvError, KvHandle};

use super::{fill, list, needs, needs_none, open, open_with_cap};
use crate::case::{CaseResult, cases, check, check_eq, check_err, check_keys};
use crate::fixture::DynFixture;

cases! {
    "KV-TTL-1" => without_ttl_a_put_with_one_is_unsupported_and_writes_nothing;
    "KV-TTL-1" => without_ttl_a_typed_put_with_one_is_unsupported_too;
    "KV-TTL-2" => before_it_expires_a_value_is_there_as_any_other;
    "KV-TTL-2", "KV-TTL-6" => a_ttl_of_365_days_lasts_for_365_days;
    "KV-TTL-3" => an_expired_key_is_gone_from_get_exists_and_list;
    "KV-TTL-3" => an_expired_key_takes_no_place_in_a_page;
    "KV-TTL-3", "KV-CAP-2" => an_expired_key_does_not_count_towards_the_cap;
    "KV-TTL-3" => keys_expire_one_by_one;
    "KV-TTL-4" => a_put_without_ttl_takes_the_ttl_away;
    "KV-TTL-4" => a_put_with_ttl_starts_a_new_one;
    "KV-TTL-4" => an_expired_key_can_be_written_again;
    "KV-TTL-5" => a_delete_takes_the_ttl_with_the_value;
    "KV-TTL-7" => a_ttl_is_exact_to_a_quarter_of_a_second;
    "KV-TTL-7" => a_ttl_of_many_days_is_exact_to_a_quarter_of_a_second;
    "KV-TTL-6" => a_ttl_of_60_seconds_and_of_365_days_is_in_range;
    "KV-TTL-6" => a_ttl_out_of_range_is_refused;
}

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn open_with_ttl(fixture: &DynFixture) -> Result<KvHandle, BoxError> {
    let kv = open(fixture).await?;
    needs(kv.check_capabilities().await?.ttl, "TTL")?;
    Ok(kv)
}

async fn open_without_ttl(fixture: &DynFixture) -> Result<KvHandle, BoxError> {
    let kv = open(fixture).await?;
    needs_none(kv.check_capabilities().await?.ttl, "TTL")?;
    Ok(kv)
}

/// Lets the seconds pass, and one more for clocks that count in seconds.
async fn pass(fixture: &DynFixture, duration: Duration) -> Result<(), BoxError> {
    fixture.pass_time(duration + Duration::from_secs(1)).await?;
    Ok(())
}

fn unsupported(result: Result<(), KvError>) -> Result<(), BoxError> {
    let error = check_err!(
        result,
        KvError::Unsupported {
            operation: "put_bytes_with_ttl"
        },
        "a put with a TTL"
    );
    check_eq!(error.status(), 501, "the status");
    Ok(())
}

async fn without_ttl_a_put_with_one_is_unsupported_and_writes_nothing(
    fixture: &DynFixture,
) -> CaseResult {
    let kv = open_without_ttl(fixture).await?;
    unsupported(kv.put_bytes_with_ttl("new", "x", MINUTE).await)?;
    check_eq!(kv.get_bytes("new").await?, None, "a new key");
    check!(!kv.exists("new").await?, "the new key exists");
    check_keys!(list(&kv, "").await?, [""; 0], "the keys");
    kv.put_bytes("old", "before").await?;
    unsupported(kv.put_bytes_with_ttl("old", "after", MINUTE).await)?;
    check_eq!(
        kv.get_bytes("old").await?,
        Some(Bytes::from("before")),
        "an old key"
    );
    Ok(())
}

async fn without_ttl_a_typed_put_with_one_is_unsupported_too(fixture: &DynFixture) -> CaseResult {
    let kv = open_without_ttl(fixture).await?;
    unsupported(kv.put_with_ttl("key", &1, MINUTE).await)?;
    check!(!kv.exists("key").await?, "the key exists");
    Ok(())
}

async fn before_it_expires_a_value_is_there_as_any_other(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_ttl(fixture).await?;
    kv.put_bytes_with_ttl("key", "x", MINUTE * 10).await?;
    pass(fixture, MINUTE * 9).await?;
    check_eq!(kv.get_bytes("key").await?, Some(Bytes::from("x")), "get");
    check!(kv.exists("key").await?, "exists is false");
    check_keys!(list(&kv, "").await?, ["key"], "list");
    Ok(())
}

async fn a_ttl_of_365_days_lasts_for_365_days(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_ttl(fixture).await?;
    kv.put_bytes_with_ttl("key", "x", DAY * 365).await?;
    // What counts milliseconds in 32 bits is around after 25 days, or after 50.
    for days in [20, 20, 20, 304] {
        pass(fixture, DAY * days).await?;
        check!(kv.exists("key").await?, "gone {days} days later");
    }
    pass(fixture, DAY).await?;
    check!(!kv.exists("key").await?, "there after 365 days");
    Ok(())
}

async fn an_expired_key_is_gone_from_get_exists_and_list(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_ttl(fixture).await?;
    kv.put_bytes_with_ttl("key", "x", MINUTE).await?;
    kv.put_bytes("stays", "x").await?;
    pass(fixture, MINUTE).await?;
    for kv in [&kv, &open(fixture).await?] {
        check_eq!(kv.get_bytes("key").await?, None, "get");
        check!(!kv.exists("key").await?, "exists is true");
        check_keys!(list(kv, "").await?, ["stays"], "list");
        let found = kv.get_many_bytes(&["key", "stays"]).await?;
        check_eq!(found, [None, Some(Bytes::from("x"))], "get_many");
    }
    Ok(())
}

async fn an_expired_key_takes_no_place_in_a_page(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_ttl(fixture).await?;
    fill(&kv, ["b", "d", "f"]).await?;
    for key in ["a", "c", "e", "g"] {
        kv.put_bytes_with_ttl(key, "x", MINUTE).await?;
    }
    pass(fixture, MINUTE).await?;
    let page = kv.list_keys_page("", None, 2).await?;
    check_keys!(page.keys, ["b", "d"], "the first page");
    let page = kv.list_keys_page("", page.cursor.as_deref(), 2).await?;
    check_keys!(page.keys, ["f"], "the second page");
    check_eq!(page.cursor, None, "the last cursor");
    Ok(())
}

async fn an_expired_key_does_not_count_towards_the_cap(fixture: &DynFixture) -> CaseResult {
    open_with_ttl(fixture).await?;
    let kv = open_with_cap(fixture, 2).await?;
    fill(&kv, ["a", "b"]).await?;
    kv.put_bytes_with_ttl("c", "x", MINUTE).await?;
    let page = kv.list_keys_page("", None, 10).await;
    check_err!(page, KvError::LimitExceeded { .. }, "before it expires");
    pass(fixture, MINUTE).await?;
    check_keys!(list(&kv, "").await?, ["a", "b"], "after it expired");
    Ok(())
}

async fn keys_expire_one_by_one(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_ttl(fixture).await?;
    for minutes in [1, 3, 5] {
        let key = format!("after {minutes}");
        kv.put_bytes_with_ttl(&key, "x", MINUTE * minutes).await?;
    }
    check_keys!(
        list(&kv, "").await?,
        ["after 1", "after 3", "after 5"],
        "at first"
    );
    pass(fixture, MINUTE * 2).await?;
    check_keys!(
        list(&kv, "").await?,
        ["after 3", "after 5"],
        "after 2 minutes"
    );
    pass(fixture, MINUTE * 2).await?;
    check_keys!(list(&kv, "").await?, ["after 5"], "after 4 minutes");
    Ok(())
}

async fn a_put_without_ttl_takes_the_ttl_away(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_ttl(fixture).await?;
    kv.put_bytes_with_ttl("key", "x", MINUTE).await?;
    kv.put_bytes("key", "y").await?;
    kv.put_bytes_with_ttl("batch", "x", MINUTE).await?;
    kv.put_many_bytes(vec![("batch".to_owned(), Bytes::from("y"))])
        .await?;
    // The same value again is a put as well.
    kv.put_bytes_with_ttl("same", "x", MINUTE).await?;
    kv.put_bytes("same", "x").await?;
    pass(fixture, MINUTE).await?;
    check_eq!(kv.get_bytes("key").await?, Some(Bytes::from("y")), "get");
    check_eq!(kv.get_bytes("same").await?, Some(Bytes::from("x")), "get");
    check_keys!(list(&kv, "").await?, ["batch", "key", "same"], "list");
    Ok(())
}

async fn a_put_with_ttl_starts_a_new_one(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_ttl(fixture).await?;
    kv.put_bytes_with_ttl("longer", "x", MINUTE).await?;
    kv.put_bytes_with_ttl("longer", "y", MINUTE * 5).await?;
    // The same value again starts a new one as well.
    kv.put_bytes_with_ttl("same", "x", MINUTE).await?;
    kv.put_bytes_with_ttl("same", "x", MINUTE * 5).await?;
    kv.put_bytes("shorter", "x").await?;
    kv.put_bytes_with_ttl("shorter", "y", MINUTE).await?;
    pass(fixture, MINUTE * 2).await?;
    check_eq!(
        kv.get_bytes("longer").await?,
        Some(Bytes::from("y")),
        "longer"
    );
    check_eq!(kv.get_bytes("shorter").await?, None, "shorter");
    check_eq!(kv.get_bytes("same").await?, Some(Bytes::from("x")), "same");
    Ok(())
}

async fn an_expired_key_can_be_written_again(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_ttl(fixture).await?;
    for key in ["plain", "with ttl"] {
        kv.put_bytes_with_ttl(key, "x", MINUTE).await?;
    }
    pass(fixture, MINUTE).await?;
    kv.put_bytes("plain", "y").await?;
    kv.put_bytes_with_ttl("with ttl", "y", MINUTE).await?;
    for key in ["plain", "with ttl"] {
        check_eq!(kv.get_bytes(key).await?, Some(Bytes::from("y")), "{key}");
    }
    pass(fixture, MINUTE).await?;
    check_keys!(list(&kv, "").await?, ["plain"], "a minute later");
    Ok(())
}

async fn a_delete_takes_the_ttl_with_the_value(fixture: &DynFixture) -> CaseResult {
    let kv = open_with_ttl(fixture).await?;
    kv.put_bytes_with_ttl("key", "x", MINUTE).await?;
    kv.delete("key").await?;
    check_eq!(kv.get_bytes("key").await?, None, "after the delete");
    kv.put_bytes("key", "y").await?;
    pass(fixture, MINUTE).await?;
    check_eq!(
        kv.get_bytes("key").await?,
        Some(Bytes::from("y")),
        "a minute later"
    );
    Ok(())
}

/// How exact a TTL is.
const EXACT: Duration = Duration::from_millis(250);

/// Puts a key for each TTL, and looks at each shortly before its end and shortly after.
async fn check_exact(fixture: &DynFixture, ttls: &[Duration]) -> Result<(), BoxError> {
    /// Where time passes by itself, a slow machine can be too late to look.
    const TRIES: usize = 5;
    let kv = open_with_ttl(fixture).await?;
    let mut looks: Vec<_> = ttls
        .iter()
        .flat_map(|ttl| [(*ttl - EXACT, *ttl, true), (*ttl + EXACT, *ttl, false)])
        .collect();
    looks.sort();
    for attempt in 1..=TRIES {
        let key = |ttl: Duration| format!("{attempt}-{}", ttl.as_millis());
        let began = Instant::now();
        for ttl in ttls {
            kv.put_bytes_with_ttl(&key(*ttl), "x", *ttl).await?;
        }
        let mut passed = Duration::ZERO;
        let mut late = false;
        for (at, ttl, is_there) in &looks {
            fixture.pass_time(*at - passed).await?;
            passed = *at;
            let found = kv.exists(&key(*ttl)).await?;
            late |= began.elapsed() >= EXACT;
            if *is_there && !found && late && attempt < TRIES {
                break;
            }
            let when = if *is_there { "before" } else { "after" };
            check_eq!(
                found,
                *is_there,
                "whether a key with a TTL of {ttl:?} is there {EXACT:?} {when} its end"
            );
        }
        if !late {
            break;
        }
    }
    Ok(())
}

async fn a_ttl_is_exact_to_a_quarter_of_a_second(fixture: &DynFixture) -> CaseResult {
    // Rounded to seconds, in whatever way, one of them is wrong by half a second.
    let ttls = [
        60_000, 60_001, 60_499, 60_500, 60_999, 61_400, 61_600, 90_500,
    ];
    let ttls = ttls.map(Duration::from_millis);
    Ok(check_exact(fixture, &ttls).await?)
}

async fn a_ttl_of_many_days_is_exact_to_a_quarter_of_a_second(fixture: &DynFixture) -> CaseResult {
    let half = Duration::from_millis(500);
    let second = Duration::from_secs(1);
    let ttls = [
        DAY + half,
        DAY * 30 + half,
        DAY * 100 + second + half,
        DAY * 365 - half,
    ];
    Ok(check_exact(fixture, &ttls).await?)
}

async fn a_ttl_of_60_seconds_and_of_365_days_is_in_range(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    for ttl in [MINUTE, DAY * 365] {
        match kv.put_bytes_with_ttl("key", "x", ttl).await {
            Ok(()) => check!(kv.exists("key").await?, "not stored with a TTL of {ttl:?}"),
            other => unsupported(other)?,
        }
    }
    Ok(())
}

async fn a_ttl_out_of_range_is_refused(fixture: &DynFixture) -> CaseResult {
    let kv = open(fixture).await?;
    let year = DAY * 365;
    let nanosecond = Duration::from_nanos(1);
    for ttl in [
        Duration::ZERO,
        MINUTE - nanosecond,
        year + nanosecond,
        Duration::MAX,
    ] {
        let put = kv.put_bytes_with_ttl("key", "x", ttl).await;
        check_err!(put, KvError::Validation { .. }, "a TTL of {ttl:?}");
        check!(!kv.exists("key").await?, "stored with a TTL of {ttl:?}");
    }
    Ok(())
}
