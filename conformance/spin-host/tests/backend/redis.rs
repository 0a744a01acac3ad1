//! Redis, on a server of the test's own.

use edgezero_spin_host::RedisServer;
use edgezero_spin_host::backend::{Backend, Redis, RedisSwap};

use crate::{LABEL, assert_holds, keys, open, other, pairs, panicked, read, sorted};

/// A server, and the backend on its first database.
pub(crate) fn server(swap: RedisSwap) -> (RedisServer, Redis) {
    let server = RedisServer::start().unwrap_or_else(|error| panic!("{error}"));
    let backend = Redis::new(&server.url(0), swap).unwrap();
    (server, backend)
}

#[tokio::test]
async fn labels_on_one_url_share_their_keys_and_databases_do_not() {
    let (server, backend) = server(RedisSwap::Spin41);
    open(&backend).await.set("k", b"v").await.unwrap();
    let another = backend.open("another", 1000).await.unwrap();
    assert_eq!(another.get("k").await, Ok(Some(b"v".to_vec())));
    let second = Redis::new(&server.url(1), RedisSwap::Spin41).unwrap();
    assert_eq!(open(&second).await.get("k").await, Ok(None));
}

#[tokio::test]
async fn get_set_delete_and_lists_do_what_they_say() {
    let (_server, backend) = server(RedisSwap::Spin41);
    let store = open(&backend).await;
    store
        .set_many(pairs([("a", "1"), ("b", "2"), ("c", "")]))
        .await
        .unwrap();
    store.set("a", b"new").await.unwrap();
    assert_eq!(store.get("a").await, Ok(Some(b"new".to_vec())));
    store.delete("b").await.unwrap();
    assert_eq!(store.exists("b").await, Ok(false));
    assert_eq!(store.exists("c").await, Ok(true));
    assert_eq!(sorted(store.list_keys().await.unwrap()), keys(["a", "c"]));
    let (listed, end) = read(store.key_stream().await).await;
    assert_eq!((listed, end), (keys(["a", "c"]), Ok(())));
    store.delete_many(keys(["a", "c", "x"])).await.unwrap();
    assert_eq!(store.list_keys().await, Ok(Vec::new()));
}

#[tokio::test]
async fn get_many_of_one_key_that_is_there_panics() {
    let (_server, backend) = server(RedisSwap::Spin41);
    let store = open(&backend).await;
    store.set("a", b"1").await.unwrap();
    assert_holds(&panicked(store.get_many(keys(["a"])).await), &["get-many"]);
    assert_eq!(store.get_many(keys(["x"])).await, Ok(Vec::new()));
    assert_eq!(
        store.get("a").await,
        Ok(Some(b"1".to_vec())),
        "others go on"
    );
}

#[tokio::test]
async fn get_many_of_one_key_is_a_pattern_whose_matches_become_pairs() {
    let (_server, backend) = server(RedisSwap::Spin41);
    let store = open(&backend).await;
    store
        .set_many(pairs([("a1", "one"), ("a2", "two")]))
        .await
        .unwrap();
    let found = store.get_many(keys(["a*"])).await.unwrap();
    let [(name, Some(value))] = &found[..] else {
        panic!("{found:?}");
    };
    let names = sorted(vec![
        name.clone(),
        String::from_utf8(value.clone()).unwrap(),
    ]);
    assert_eq!(
        names,
        keys(["a1", "a2"]),
        "a name, and another name for its value"
    );
    store.set("a3", b"").await.unwrap();
    panicked(store.get_many(keys(["a?"])).await);
}

#[tokio::test]
async fn get_many_of_two_keys_is_an_error() {
    let (_server, backend) = server(RedisSwap::Spin41);
    let store = open(&backend).await;
    store
        .set_many(pairs([("a", "1"), ("b", "2")]))
        .await
        .unwrap();
    let text = other(store.get_many(keys(["a", "b"])).await);
    assert_holds(
        &text,
        &["ResponseError", "wrong number of arguments", "keys"],
    );
}

#[tokio::test]
async fn an_increment_keeps_decimal_text_and_refuses_what_is_none() {
    let (_server, backend) = server(RedisSwap::Spin41);
    let store = open(&backend).await;
    assert_eq!(store.increment("n", 5).await, Ok(5));
    assert_eq!(store.get("n").await, Ok(Some(b"5".to_vec())));
    store
        .set("n", i64::MAX.to_string().as_bytes())
        .await
        .unwrap();
    assert_holds(&other(store.increment("n", 1).await), &["overflow"]);
    store.set("n", b"five").await.unwrap();
    assert_holds(&other(store.increment("n", 1).await), &["not an integer"]);
    assert_eq!(store.get("n").await, Ok(Some(b"five".to_vec())));
}

#[tokio::test]
async fn a_reply_over_the_limit_is_refused() {
    let (_server, backend) = server(RedisSwap::Spin41);
    let store = backend.open(LABEL, 124).await.unwrap();
    let refusal = "query result exceeds limit of 124 bytes";
    store.set("a", &[b'x'; 101]).await.unwrap();
    assert_eq!(other(store.get("a").await), refusal);
    store
        .set_many(pairs([("1", ""), ("2", ""), ("3", ""), ("4", "")]))
        .await
        .unwrap();
    assert_eq!(other(store.list_keys().await), refusal);
    let (listed, end) = read(store.key_stream().await).await;
    assert_eq!((listed.len(), end), (5, Ok(())));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error() {
    let (server, backend) = server(RedisSwap::Spin41);
    let store = open(&backend).await;
    drop(server);
    assert!(other(store.get("k").await).len() > 10);
}

#[test]
fn a_url_that_is_none_of_redis_is_refused() {
    assert!(Redis::new("http://localhost", RedisSwap::Spin41).is_err());
}
