//! Several instances at once.

use std::sync::Arc;
use std::time::Duration;

use edgezero_spin_host::{RedisServer, SpinHost};
use serde_json::{Value, json};

use crate::{builder, calls, last, lock, run};

fn write(label: &str) -> Value {
    json!([
        {"do": "open", "label": label},
        {"do": "set", "key": "k", "value": "v"},
        {"do": "served"}
    ])
}

fn served() -> Value {
    json!([{"do": "served"}])
}

/// Runs a script beside the test.
fn start(host: &Arc<SpinHost>, steps: Value) -> tokio::task::JoinHandle<Vec<String>> {
    let host = host.clone();
    tokio::spawn(async move { run(&host, steps).await.unwrap() })
}

#[tokio::test]
async fn an_instance_serves_one_request_after_the_other() {
    let host = builder().build().unwrap();
    // A request that comes before the instance is done with the last gets another one.
    for _ in 0..50 {
        if last(&host, served()).await == "3" {
            return;
        }
    }
    panic!("{} instances for 50 requests", host.instances());
}

#[tokio::test]
async fn an_instance_can_be_limited_to_one_request() {
    let host = builder().requests_per_instance(1).build().unwrap();
    for _ in 1..4 {
        assert_eq!(last(&host, served()).await, "1");
    }
    assert_eq!(host.instances(), 3);
}

#[tokio::test]
async fn requests_that_overlap_are_in_instances_of_their_own_where_one_is_the_limit() {
    let server = RedisServer::start().unwrap_or_else(|error| panic!("{error}"));
    let host = builder().redis("default", &server.url(0));
    let host = host.concurrent_requests_per_instance(1).build().unwrap();
    let host = Arc::new(host);
    let pause = pause(&server);
    let first = start(&host, write("default"));
    calls(&host, 2).await;
    let second = start(&host, write("default"));
    // It opens its store on the one connection, behind the write.
    calls(&host, 3).await;
    // Neither sees what the other has in a static.
    assert_eq!(last(&host, served()).await, "1");
    assert_eq!(host.instances(), 3);
    drop(pause);
    for answers in [first.await.unwrap(), second.await.unwrap()] {
        assert_eq!(answers, ["1", "done", "1"]);
    }
}

#[tokio::test]
async fn requests_that_wait_for_redis_share_an_instance() {
    let server = RedisServer::start().unwrap_or_else(|error| panic!("{error}"));
    let host = builder().redis("default", &server.url(0)).build().unwrap();
    let host = Arc::new(host);
    let pause = pause(&server);
    let first = start(&host, write("default"));
    calls(&host, 2).await;
    // Until the instance has nothing to do but wait.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let second = start(&host, write("default"));
    // It opens its store on the one connection, behind the write.
    calls(&host, 3).await;
    assert_eq!(host.instances(), 1);
    drop(pause);
    for answers in [first.await.unwrap(), second.await.unwrap()] {
        assert_eq!(answers, ["1", "done", "2"]);
    }
}

#[tokio::test]
async fn an_instance_that_waits_for_sqlite_leaves_requests_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kv.db");
    let builder = builder().key_value("locked", &path);
    // Makes the table.
    let open = json!([{"do": "open", "label": "locked"}]);
    let first = builder.clone().build().unwrap();
    run(&first, open).await.unwrap();
    let host = builder.concurrent_requests_per_instance(1).build().unwrap();
    let host = Arc::new(host);
    let locked = lock(&path);
    let waiting = start(&host, write("locked"));
    calls(&host, 2).await;
    assert_eq!(last(&host, served()).await, "1", "in another instance");
    assert_eq!(host.instances(), 2);
    drop(locked);
    assert_eq!(waiting.await.unwrap(), ["1", "done", "1"]);
}

/// Has Redis answer no write until this is dropped.
fn pause(server: &RedisServer) -> Pause {
    let client = redis::Client::open(server.url(0)).unwrap();
    let mut connection = client.get_connection().unwrap();
    redis::cmd("CLIENT")
        .arg(&["PAUSE", "60000", "WRITE"])
        .exec(&mut connection)
        .unwrap();
    Pause(connection)
}

struct Pause(redis::Connection);

impl Drop for Pause {
    fn drop(&mut self) {
        let unpause = redis::cmd("CLIENT").arg("UNPAUSE").exec(&mut self.0);
        unpause.unwrap();
    }
}
