//! What the adapter makes of each platform's faults.

use edgezero_spin_host::backend::{DynamoTable, RedisSwap};
use edgezero_spin_host::{Call, Fault, RedisServer, SpinHost};
use edgezero_store_sqlite::SqliteFile;
use edgezero_store_traits::KvStore;
use edgezero_store_traits::kv::reserved;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::embedded::{Embedded, Kept};
use crate::support::{call, component, failed};

const DEFAULT: (&str, &str) = ("label", "default");

fn started(platform: Embedded) -> (SpinHost, Kept) {
    let (host, kept) = platform.host().unwrap();
    (host.build().unwrap(), kept)
}

/// A host of its own on this database, each request in an instance of its own.
fn redis(server: &RedisServer, swap: RedisSwap) -> SpinHost {
    let host = SpinHost::builder(component().unwrap());
    let host = host.redis_swap("default", &server.url(0), swap);
    host.requests_per_instance(1).build().unwrap()
}

/// The status, and the body as text.
async fn ask(host: &SpinHost, path: &str, key: &str, body: impl ToString) -> (u16, String) {
    let answer = call(host, path, &[DEFAULT, ("key", key)], body.to_string()).await;
    let text = String::from_utf8_lossy(answer.body()).into_owned();
    (answer.status().as_u16(), text)
}

async fn ok(host: &SpinHost, path: &str, key: &str, body: impl ToString) -> String {
    let (status, text) = ask(host, path, key, body).await;
    assert_eq!(status, 200, "{path} {key}: {text}");
    text
}

/// Runs a script of the host's own calls.
async fn bare(host: &SpinHost, script: Value) {
    let request = http::Request::post("/bare").body(script.to_string().into());
    let answer = host.handle(request.unwrap()).await.unwrap();
    let text = String::from_utf8_lossy(answer.body());
    assert!(!text.contains("Err") && !text.contains("Other"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_redis_an_update_is_unsupported_and_changes_nothing() {
    let (host, _kept) = started(Embedded::Redis);
    ok(&host, "/kv/put", "n", 7).await;
    for key in ["n", "missing"] {
        for operation in ["/kv/update", "/kv/claim"] {
            let (status, text) = ask(&host, operation, key, "x").await;
            assert_eq!(status, 501, "{text}");
        }
    }
    assert_eq!(ok(&host, "/kv/get", "n", "").await, "7");
    assert_eq!(ask(&host, "/kv/get", "missing", "").await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_swap_that_a_later_spin_mends_is_used_and_one_that_is_mended_by_half_is_not() {
    let server = RedisServer::start().unwrap();
    let (now, half, mended) = (
        redis(&server, RedisSwap::Spin41),
        redis(&server, RedisSwap::HalfMended),
        redis(&server, RedisSwap::Mended),
    );
    ok(&now, "/kv/put", "n", 7).await;
    assert_eq!(ask(&half, "/kv/update", "n", "").await.0, 501);
    assert_eq!(ok(&mended, "/kv/update", "n", "").await, "8");
    // An older Spin beside the new one, or in its place: it does not believe what the
    // new one found out.
    for _ in 0..3 {
        assert_eq!(ask(&now, "/kv/update", "n", "").await.0, 501);
        assert_eq!(ask(&half, "/kv/update", "n", "").await.0, 501);
    }
    assert_eq!(ok(&now, "/kv/get", "n", "").await, "8");
    let updates = join_all((0..20).map(|_| ask(&mended, "/kv/update", "n", ""))).await;
    assert!(
        updates.iter().all(|(status, _)| *status == 200),
        "{updates:?}"
    );
    assert_eq!(ok(&now, "/kv/get", "n", "").await, "28");
}

/// Somebody copies a whole SQLite store to Redis, with the adapter's own keys, a moment
/// after they were written.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_found_out_on_another_platform_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kv.db");
    let sqlite = crate::support::host(&file).unwrap().build().unwrap();
    ok(&sqlite, "/kv/update", "n", "").await;
    ok(&sqlite, "/kv/increment", "c", "").await;
    let store = SqliteFile::open(&file).unwrap().kv("default").unwrap();
    let note = store.get_bytes(&reserved::key("note")).await.unwrap();
    let note = String::from_utf8(note.unwrap().to_vec()).unwrap();
    assert!(note.contains("binary overwrites"), "{note}");

    for platform in [Embedded::Redis, Embedded::Dynamo, Embedded::Cosmos] {
        let (host, _kept) = started(platform);
        bare(
            &host,
            json!([
                { "do": "open", "label": "default" },
                { "do": "set", "key": reserved::key("note"), "value": note },
                { "do": "set", "key": "n", "value": "1" },
            ]),
        )
        .await;
        let (status, text) = ask(&host, "/kv/update", "n", "").await;
        match platform {
            Embedded::Redis => {
                assert_eq!(status, 501, "{text}");
                assert_eq!(ok(&host, "/kv/get", "n", "").await, "1");
            }
            _ => assert_eq!((status, text.as_str()), (200, "2"), "{platform:?}"),
        }
        for sum in ["1", "2"] {
            assert_eq!(
                ok(&host, "/kv/increment", "c", "").await,
                sum,
                "{platform:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn increments_by_many_instances_are_all_counted_on_every_platform() {
    const INSTANCES: usize = 8;
    for platform in [
        Embedded::Sqlite,
        Embedded::Redis,
        Embedded::Dynamo,
        Embedded::Cosmos,
    ] {
        let (host, _kept) = platform.host().unwrap();
        let host = host.concurrent_requests_per_instance(1).build().unwrap();
        let query = [DEFAULT, ("key", "n"), ("times", "20")];
        let counts = (0..INSTANCES).map(|_| call(&host, "/kv/increment", &query, ""));
        for count in join_all(counts).await {
            let text = String::from_utf8_lossy(count.body()).into_owned();
            assert_eq!(count.status(), 200, "{platform:?}: {text}");
        }
        let count = ok(&host, "/kv/counter", "n", "").await;
        assert_eq!(count, (20 * INSTANCES).to_string(), "{platform:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_redis_one_key_is_read_alone_and_special_characters_are_ordinary() {
    let (host, _kept) = started(Embedded::Redis);
    for key in ["*", "a?", "[x]", "plain"] {
        ok(&host, "/kv/put", key, format!("value of {key}")).await;
        let found = ok(&host, "/kv/get-many", "", json!([key])).await;
        assert_eq!(found, json!([format!("value of {key}")]).to_string());
    }
    let found = ok(
        &host,
        "/kv/get-many",
        "",
        json!(["*", "none", "plain", "*"]),
    )
    .await;
    let expected = json!(["value of *", null, "value of plain", "value of *"]);
    assert_eq!(found, expected.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_fails_on_the_way_says_how_many_keys_are_written() {
    let (host, _kept) = started(Embedded::Dynamo);
    let pairs = |count| {
        let pairs = (0..count).map(|n: u32| (format!("{n:03}"), json!("planted")));
        Value::Object(pairs.collect())
    };
    // The same one twice, so that the second is in an instance that knows its platform.
    ok(&host, "/kv/put-many", "", pairs(120)).await;
    let fault = |call| Fault::Other(call, "DispatchFailure(..)".to_owned());
    for (operation, of, body) in [
        ("put-many", Call::SetMany, pairs(120)),
        (
            "delete-many",
            Call::DeleteMany,
            json!(pairs(120).as_object().unwrap().keys().collect::<Vec<_>>()),
        ),
    ] {
        let before = host.calls().count(of);
        ok(&host, &format!("/kv/{operation}"), "", body.clone()).await;
        assert_eq!(host.calls().count(of) - before, 5, "{operation} in parts");
        // The first part of the next batch fails, then the third.
        host.calls().inject(fault(of));
        let path = format!("/kv/{operation}");
        let error = failed(&call(&host, &path, &[DEFAULT], body.to_string()).await);
        assert_eq!(error.status, 503);
        assert!(
            error.message.contains("25 of 120 keys"),
            "{}",
            error.message
        );
        assert!(error.message.contains("(0 others are"), "{}", error.message);
        let third = host.calls().total() + 5;
        let third = third - host.calls().total();
        host.calls().fail_at(
            third,
            edgezero_spin_host::When::Before,
            "DispatchFailure(..)",
        );
        let error = failed(&call(&host, &path, &[DEFAULT], body.to_string()).await);
        assert!(
            error.message.contains("(50 others are"),
            "{}",
            error.message
        );
        assert!(!error.message.contains("planted"), "{}", error.message);
    }
}

/// DynamoDB compares a version that a put takes back to nothing.
#[tokio::test(flavor = "multi_thread")]
async fn on_dynamodb_a_put_and_a_swap_in_between_are_a_conflict() {
    let (host, _kept) = started(Embedded::Dynamo);
    let operation =
        |call: Value| json!({ "label": "default", "max_list_keys": null, "call": call });
    let put = |number: i64| json!({ "PutNumber": { "key": "n", "number": number } });
    let update = json!({ "Update": { "key": "n", "add": 1 } });
    let work = json!({ "given": [], "operations": [
        operation(put(1)),
        operation(update.clone()),
        operation(json!({ "ReadToSwap": { "key": "n" } })),
        operation(put(50)),
        operation(update),
        operation(json!({ "Swap": { "value": "stale" } })),
        operation(json!({ "Get": { "key": "n" } })),
    ] });
    let answers = ok(&host, "/operations", "", work).await;
    let answers: Vec<Value> = serde_json::from_str(&answers).unwrap();
    assert_eq!(answers[5]["Failed"]["kind"], "conflict", "{answers:?}");
    assert_eq!(answers[6], json!({ "Value": "51" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_transactions_dynamodb_refuses_what_is_atomic_and_writes_nothing() {
    let table = DynamoTable::new()
        .consistent_read(true)
        .without_transactions();
    let host = SpinHost::builder(component().unwrap()).dynamo("default", &table);
    let host = host.build().unwrap();
    ok(&host, "/kv/put", "n", 7).await;
    assert_eq!(ask(&host, "/kv/update", "n", "").await.0, 501);
    assert!(ask(&host, "/kv/increment", "n", "").await.0 >= 500);
    assert_eq!(ok(&host, "/kv/get", "n", "").await, "7");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_are_unavailable_on_every_platform() {
    for platform in [
        Embedded::Sqlite,
        Embedded::Redis,
        Embedded::Dynamo,
        Embedded::Cosmos,
    ] {
        let (host, _kept) = started(platform);
        ok(&host, "/kv/put", "n", 1).await;
        host.calls().too_many_requests(true);
        for operation in ["get", "put", "exists", "delete", "increment", "update"] {
            let (status, text) = ask(&host, &format!("/kv/{operation}"), "n", "2").await;
            assert_eq!(status, 503, "{platform:?} {operation}: {text}");
            assert!(text.contains("too many requests"), "{text}");
        }
        host.calls().too_many_requests(false);
        assert_eq!(ok(&host, "/kv/get", "n", "").await, "1", "{platform:?}");
    }
}

/// Another connection holds the lock of the file while the component counts.
#[tokio::test(flavor = "multi_thread")]
async fn beside_another_writer_of_the_file_increments_wait_and_are_exact() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kv.db");
    let host = crate::support::host(&file).unwrap().build().unwrap();
    ok(&host, "/kv/increment", "n", "").await;
    let writer = tokio::task::spawn_blocking(move || {
        let file = rusqlite::Connection::open(file).unwrap();
        file.busy_timeout(std::time::Duration::from_secs(10))
            .unwrap();
        for n in 0..40 {
            file.execute_batch("BEGIN IMMEDIATE").unwrap();
            file.execute(
                "INSERT OR REPLACE INTO spin_key_value VALUES ('default', ?1, x'00')",
                [format!("other {n}")],
            )
            .unwrap();
            std::thread::sleep(std::time::Duration::from_millis(5));
            file.execute_batch("COMMIT").unwrap();
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    });
    let mut counted = 1;
    while !writer.is_finished() {
        let (status, text) = ask(&host, "/kv/increment", "n", "").await;
        assert_eq!(status, 200, "{text}");
        counted += 1;
        let pairs = json!({ "a": "1", "b": "2" });
        assert_eq!(ask(&host, "/kv/put-many", "", pairs).await.0, 200);
    }
    writer.await.unwrap();
    assert_eq!(ok(&host, "/kv/counter", "n", "").await, counted.to_string());
}
