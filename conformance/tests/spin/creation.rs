//! Creating keys by compare-and-swap on SQLite, where Spin's own swap overwrites.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use edgezero_spin_host::{SpinHost, When};
use edgezero_store_sqlite::SqliteFile;
use edgezero_store_traits::kv::ticket;
use edgezero_store_traits::{KvError, KvHandle, KvStore};
use futures_util::future::{join, join_all};

use crate::support::{self, call, failed};

const DEFAULT: (&str, &str) = ("label", "default");

fn host(file: &Path) -> SpinHost {
    let host = support::host(file).unwrap();
    // Each request in an instance of its own, and many at once.
    host.requests_per_instance(1).build().unwrap()
}

async fn update(host: &SpinHost, key: &str) -> u16 {
    let query = [DEFAULT, ("key", key)];
    call(host, "/kv/update", &query, "").await.status().as_u16()
}

async fn mirror(file: &Path) -> KvHandle {
    let store = SqliteFile::open(file).unwrap().kv("default").unwrap();
    KvHandle::new(Arc::new(store))
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_of_new_keys_by_many_instances_are_all_kept() {
    const KEYS: usize = 20;
    const EACH: usize = 16;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kv.db");
    let host = host(&file);
    for n in 0..KEYS {
        let key = format!("new {n}");
        let statuses = join_all((0..EACH).map(|_| update(&host, &key))).await;
        assert_eq!(statuses, [200; EACH], "{key}");
    }
    let mirror = mirror(&file).await;
    for n in 0..KEYS {
        let count: Option<usize> = mirror.get(&format!("new {n}")).await.unwrap();
        assert_eq!(count, Some(EACH), "new {n}");
    }
    assert!(host.instances() > EACH, "{} instances", host.instances());
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_of_new_keys_by_a_component_and_the_mirror_are_all_kept() {
    const KEYS: usize = 30;
    const EACH: usize = 4;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kv.db");
    let host = host(&file);
    assert_eq!(update(&host, "first").await, 200);
    let mirror = mirror(&file).await;
    for n in 0..KEYS {
        let key = format!("new {n}");
        let theirs = join_all((0..EACH).map(|_| update(&host, &key)));
        let ours = join_all(
            (0..EACH)
                .map(|_| mirror.update(&key, |count: Option<usize>| Some(count.unwrap_or(0) + 1))),
        );
        let (theirs, ours) = join(theirs, ours).await;
        assert_eq!(theirs, [200; EACH], "{key}");
        assert!(ours.iter().all(Result::is_ok), "{key}: {ours:?}");
        let count: Option<usize> = mirror.get(&key).await.unwrap();
        assert_eq!(count, Some(2 * EACH), "{key}");
    }
}

/// An instance that is killed at any call of its host, before or after the call acted,
/// leaves a key that can be created within 10 seconds; and a read finds a user's value
/// or none.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_can_be_created_within_10_seconds_of_a_killed_creation() {
    let folder = tempfile::tempdir().unwrap();
    // How many calls a creation makes, with the two that open the store.
    let calls = {
        let host = host(&folder.path().join("counted.db"));
        assert_eq!(update(&host, "first").await, 200);
        let before = host.calls().total();
        assert_eq!(update(&host, "a").await, 200);
        host.calls().total() - before
    };
    assert!((8..=20).contains(&calls), "{calls} calls");
    let killed = (1..=calls).flat_map(|call| [(call, When::Before), (call, When::After)]);
    let cases = killed.map(|(call, when)| {
        let file = folder.path().join(format!("{call} {when:?}.db"));
        async move { created_after_a_kill(&file, call, when).await }
    });
    join_all(cases).await;
}

async fn created_after_a_kill(file: &Path, at: u64, when: When) {
    let host = host(file);
    assert_eq!(update(&host, "first").await, 200);
    host.calls().kill_at(at, when);
    let query = [DEFAULT, ("key", "a")];
    let request = http::Request::post("/kv/update?label=default&key=a");
    let killed = host.handle(request.body(Default::default()).unwrap()).await;
    assert!(killed.is_err(), "call {at}, {when:?}: it answered");
    let killed_at = Instant::now();

    let after_kill = call(&host, "/kv/get", &query, "").await;
    let created = match after_kill.status().as_u16() {
        404 => 0,
        200 => {
            assert_eq!(after_kill.body(), "1", "call {at}, {when:?}");
            1
        }
        status => panic!("call {at}, {when:?}: a read answered {status}"),
    };
    // Others read beside the one that waits for the ticket.
    let reads = async {
        for _ in 0..20 {
            let found = call(&host, "/kv/get", &query, "").await;
            let status = found.status().as_u16();
            let is_whole = status == 404 || matches!(&found.body()[..], b"1" | b"2");
            assert!(is_whole, "call {at}, {when:?}: {status} {:?}", found.body());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let (again, ()) = join(call(&host, "/kv/update", &query, ""), reads).await;
    let text = String::from_utf8_lossy(again.body()).into_owned();
    assert_eq!(again.status(), 200, "call {at}, {when:?}: {text}");
    assert_eq!(text, (created + 1).to_string(), "call {at}, {when:?}");
    assert!(
        killed_at.elapsed() < Duration::from_secs(10),
        "call {at}, {when:?}"
    );
    let page = call(&host, "/kv/page", &[DEFAULT], "").await;
    assert_eq!(
        page.body(),
        r#"{"cursor":null,"keys":["a","first"]}"#,
        "call {at}, {when:?}"
    );
}

#[tokio::test]
async fn the_mirror_waits_for_a_held_ticket_and_takes_over_an_expired_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteFile::open(folder.path().join("kv.db")).unwrap();
    let store = store.kv("default").unwrap();
    let mirror = KvHandle::new(Arc::new(store.clone()));
    let ticket_key = ticket::key("a");
    let hold = |age: Duration| {
        let held = ticket::hold(std::time::SystemTime::now() - age, 7);
        store.put_bytes(&ticket_key, held.to_vec().into())
    };
    let one = |count: Option<u32>| Some(count.unwrap_or(0) + 1);

    hold(2 * ticket::LEASE).await.unwrap();
    assert_eq!(mirror.update("a", one).await.unwrap(), Some(1));
    mirror.delete("a").await.unwrap();

    // Nearly expired, so that the test does not wait for all of it.
    hold(ticket::LEASE - Duration::from_millis(500))
        .await
        .unwrap();
    let began = Instant::now();
    assert_eq!(mirror.update("a", one).await.unwrap(), Some(1));
    assert!(
        began.elapsed() >= Duration::from_millis(300),
        "it did not wait"
    );
    // An existing key needs no ticket.
    hold(Duration::ZERO).await.unwrap();
    assert_eq!(mirror.update("a", one).await.unwrap(), Some(2));
}

#[tokio::test]
async fn the_first_to_claim_a_name_is_one_of_many_instances() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kv.db");
    let host = host(&file);
    for round in 0..10 {
        let key = format!("name {round}");
        let query = [DEFAULT, ("key", key.as_str())];
        let claims = (0..12).map(|owner: u32| {
            let (host, query) = (&host, &query);
            async move { call(host, "/kv/claim", query, owner.to_string()).await }
        });
        let answers = join_all(claims).await;
        let won: Vec<_> = answers
            .iter()
            .filter(|answer| answer.status() == 200)
            .collect();
        let lost = answers.iter().filter(|answer| answer.status() == 409);
        assert_eq!((won.len(), lost.count()), (1, 11), "{key}");
        let stored = call(&host, "/kv/get", &query, "").await;
        let owner = String::from_utf8_lossy(won[0].body()).into_owned();
        assert_eq!(stored.body(), &owner, "{key}");
    }
    let query = [DEFAULT, ("key", "name 0")];
    let late = failed(&call(&host, "/kv/claim", &query, "late").await);
    assert_eq!(late.kind, "conflict");
    let is_conflict = |error: &KvError| matches!(error, KvError::Conflict { .. });
    let mirror = mirror(&file).await;
    let swap = mirror.compare_and_swap("name 0").await.unwrap();
    mirror.put_bytes("name 0", "changed").await.unwrap();
    assert!(
        swap.swap("late")
            .await
            .is_err_and(|error| is_conflict(&error))
    );
}
