//! The example app in a component: what it asks of Spin, and what its operator sees.

use edgezero_spin_host::{Call, Fault, SpinHost};

use crate::support::embedded::DAMAGED;
use crate::target::{Target, folder, spin};

async fn status(host: &SpinHost, method: &str, path: &str) -> u16 {
    let request = http::Request::builder().method(method).uri(path);
    let request = request.body(Default::default()).unwrap();
    match host.handle(request).await {
        Ok(response) => response.status().as_u16(),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_store_is_opened_once_for_all_requests_of_an_instance() {
    let folder = folder();
    let host = spin(&folder).build().unwrap();
    let opened = || {
        (
            host.calls().count(Call::Open),
            host.calls().count(Call::BucketOpen),
        )
    };
    for _ in 0..3 {
        assert_eq!(status(&host, "GET", "/hello").await, 200);
    }
    assert_eq!(opened(), (0, 0), "by a route that uses no store");
    for _ in 0..3 {
        assert_eq!(status(&host, "POST", "/visits").await, 200);
    }
    assert_eq!(opened(), (1, 1), "by one that uses one");
    for _ in 0..3 {
        assert_eq!(status(&host, "GET", "/notes").await, 200);
    }
    assert_eq!(opened(), (2, 2), "by one that uses another");
}

#[tokio::test]
async fn the_configuration_is_one_call_a_request() {
    let folder = folder();
    let host = spin(&folder).build().unwrap();
    for _ in 0..4 {
        assert_eq!(status(&host, "GET", "/about").await, 200);
    }
    assert_eq!(host.calls().count(Call::GetMany), 4);
    assert_eq!(host.calls().count(Call::Open), 1);
}

#[tokio::test]
async fn a_store_that_cannot_be_opened_fails_its_routes_only_and_is_told_in_the_log() {
    let folder = folder();
    let file = crate::target::file(&folder);
    let component = crate::support::example_component().unwrap();
    let host = SpinHost::builder(component).key_value("visits", file);
    let host = host.build().unwrap();
    assert_eq!(status(&host, "GET", "/notes").await, 503);
    let log = host.stderr();
    for part in [
        "GET /notes: 503",
        "\"notes\"",
        "spin.toml",
        "[key_value_store.notes]",
    ] {
        assert!(log.contains(part), "no {part} in: {log}");
    }
    assert_eq!(status(&host, "POST", "/visits").await, 200);
    assert_eq!(status(&host, "GET", "/hello").await, 200);
}

#[tokio::test]
async fn a_fault_of_the_host_is_told_in_the_log_and_not_to_the_client() {
    let folder = folder();
    let host = spin(&folder).build().unwrap();
    let fault = Fault::Other(Call::Get, DAMAGED.into());
    host.calls().inject(fault);
    let target = Target::Spin(Box::new(host));
    let answer = target.ask("GET", "/notes/the-key", &[], "").await;
    assert_eq!(answer.status(), 500);
    let body = String::from_utf8_lossy(answer.body());
    assert!(
        !body.contains("Corrupt") && !body.contains("the-key"),
        "{body}"
    );
    let Target::Spin(host) = target else { return };
    let log = host.stderr();
    assert!(
        log.contains("the-key") && log.contains("DatabaseCorrupt"),
        "{log}"
    );
    assert!(!log.contains("planted"), "{log}");
}

#[tokio::test]
async fn the_environment_names_a_stores_label_and_cap() {
    let folder = folder();
    let host = spin(&folder)
        .key_value("prod-notes", crate::target::file(&folder))
        .env("EDGEZERO__STORES__KV__NOTES__NAME", "prod-notes")
        .env("EDGEZERO__STORES__KV__NOTES__MAX_LIST_KEYS", "2")
        .build()
        .unwrap();
    for (key, listed) in [("a", 200), ("b", 200), ("c", 503)] {
        assert_eq!(status(&host, "PUT", &format!("/notes/{key}")).await, 204);
        assert_eq!(status(&host, "GET", "/notes").await, listed);
    }
    let stored = crate::target::store(&folder, "prod-notes");
    let found = edgezero_store_traits::KvStore::exists(&stored, "c").await;
    assert!(found.unwrap());
}

#[tokio::test]
async fn a_wrong_variable_is_told_by_its_name_and_no_request_is_answered() {
    let folder = folder();
    let variable = "EDGEZERO__STORES__KV__NOTES__MAX_LIST_KEYS";
    let host = spin(&folder).env(variable, "many").build().unwrap();
    for _ in 0..2 {
        let request = http::Request::get("/hello")
            .body(Default::default())
            .unwrap();
        let failed = match host.handle(request).await {
            Ok(response) => response.status() == 500,
            Err(_) => true,
        };
        assert!(failed);
    }
    assert!(host.stderr().contains(variable), "{}", host.stderr());
}

/// 64 MiB through an instance that may have 8: neither body is held whole.
#[tokio::test]
async fn bodies_stream_both_ways() {
    const MIB: usize = 1024 * 1024;
    let folder = folder();
    let host = spin(&folder).max_memory(8 * MIB).build().unwrap();
    let body: Vec<u8> = (0..64 * MIB).map(|n| (n % 251) as u8).collect();
    let request = http::Request::post("/echo")
        .body(body.clone().into())
        .unwrap();
    let response = host.handle(request).await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.body() == &body, "the body came back changed");
}
