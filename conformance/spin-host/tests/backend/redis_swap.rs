//! How swaps end on Redis.

use edgezero_spin_host::backend::{RedisSwap, Store, Swap, Swapped};

use crate::open;
use crate::redis::server;

/// A swap of `k`, which has read `old`, and the store.
async fn begun(store: &dyn Store) -> std::sync::Arc<dyn Swap> {
    store.set("k", b"old").await.unwrap();
    let swap = store.compare_and_swap("k").await.unwrap();
    assert_eq!(swap.current().await, Ok(Some(b"old".to_vec())));
    swap
}

async fn value(store: &dyn Store) -> Vec<u8> {
    store.get("k").await.unwrap().unwrap()
}

#[tokio::test]
async fn in_spin_a_swap_answers_cas_failed_whether_it_wrote_or_not() {
    let (_server, backend) = server(RedisSwap::Spin41);
    let store = open(&backend).await;
    let swap = begun(&*store).await;
    assert_eq!(swap.swap(b"new".to_vec()).await, Ok(Swapped::CasFailed));
    assert_eq!(value(&*store).await, b"new");

    let swap = begun(&*store).await;
    store.set("k", b"someone else's").await.unwrap();
    assert_eq!(swap.swap(b"new".to_vec()).await, Ok(Swapped::CasFailed));
    assert_eq!(value(&*store).await, b"someone else's");
}

#[tokio::test]
async fn half_mended_a_swap_answers_success_whether_it_wrote_or_not() {
    let (_server, backend) = server(RedisSwap::HalfMended);
    let store = open(&backend).await;
    let swap = begun(&*store).await;
    assert_eq!(swap.swap(b"new".to_vec()).await, Ok(Swapped::Done));
    assert_eq!(value(&*store).await, b"new");

    let swap = begun(&*store).await;
    store.set("k", b"someone else's").await.unwrap();
    assert_eq!(swap.swap(b"new".to_vec()).await, Ok(Swapped::Done));
    assert_eq!(value(&*store).await, b"someone else's");
}

#[tokio::test]
async fn mended_a_swap_answers_what_it_did() {
    let (_server, backend) = server(RedisSwap::Mended);
    let store = open(&backend).await;
    let swap = begun(&*store).await;
    assert_eq!(swap.swap(b"new".to_vec()).await, Ok(Swapped::Done));
    assert_eq!(value(&*store).await, b"new");

    let swap = begun(&*store).await;
    store.set("k", b"someone else's").await.unwrap();
    assert_eq!(swap.swap(b"new".to_vec()).await, Ok(Swapped::CasFailed));
    assert_eq!(value(&*store).await, b"someone else's");
}

#[tokio::test]
async fn each_swap_has_a_connection_of_its_own_until_it_is_dropped() {
    let (server, backend) = server(RedisSwap::Mended);
    let store = open(&backend).await;
    let client = ::redis::Client::open(server.url(0)).unwrap();
    let mut own = client.get_multiplexed_async_connection().await.unwrap();
    let mut clients = async || {
        let list: String = ::redis::cmd("CLIENT")
            .arg("LIST")
            .query_async(&mut own)
            .await
            .unwrap();
        list.lines().count()
    };
    let before = clients().await;
    let swaps = [begun(&*store).await, begun(&*store).await];
    assert_eq!(clients().await, before + 2);
    drop(swaps);
    while clients().await > before {
        tokio::task::yield_now().await;
    }
}
