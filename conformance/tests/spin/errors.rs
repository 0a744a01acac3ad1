//! Each way in which Spin's host can fail, as the app sees it.

use bytes::Bytes;
use edgezero_spin_host::{Call, Fault, SpinHost};
use http::Request;

use crate::support::embedded::DAMAGED;
use crate::support::{self, Failed, call, failed, make_table, new_host};

async fn kv(host: &SpinHost, operation: &str, label: &str) -> Failed {
    let query = [("label", label), ("key", "the-key")];
    failed(&call(host, &format!("/kv/{operation}"), &query, "planted").await)
}

#[tokio::test]
async fn an_undeclared_label_names_the_two_files_to_look_in() {
    let (_folder, host) = new_host();
    for operation in ["get", "put", "page"] {
        let error = kv(&host, operation, "undeclared").await;
        assert_eq!((error.status, error.kind.as_str()), (503, "unavailable"));
        for part in [
            "\"undeclared\"",
            "key_value_stores",
            "spin.toml",
            "[key_value_store.undeclared]",
            "runtime config",
        ] {
            assert!(
                error.message.contains(part),
                "no {part} in: {}",
                error.message
            );
        }
    }
    let query = [("label", "undeclared"), ("key", "a")];
    let error = failed(&call(&host, "/config", &query, "").await);
    assert_eq!(error.status, 503);
    assert!(error.message.contains("spin.toml"), "{}", error.message);
}

#[tokio::test]
async fn the_default_label_needs_no_stanza_and_is_not_told_to_get_one() {
    let folder = tempfile::tempdir().unwrap();
    let component = support::component().unwrap();
    let file = folder.path().join("kv.db");
    let host = SpinHost::builder(component).key_value("other", file);
    let error = kv(&host.build().unwrap(), "get", "default").await;
    assert_eq!(error.status, 503);
    assert!(error.message.contains("spin.toml"), "{}", error.message);
    assert!(
        !error.message.contains("[key_value_store"),
        "{}",
        error.message
    );
}

#[tokio::test]
async fn a_bad_label_is_refused_without_asking_the_host() {
    let (_folder, host) = new_host();
    for label in ["", "b@d", "camelCase", "a--b", "../x"] {
        let error = kv(&host, "get", label).await;
        assert_eq!((error.status, error.kind.as_str()), (400, "validation"));
        assert!(
            error.message.contains(&format!("{label:?}")),
            "{}",
            error.message
        );
    }
    assert_eq!(host.calls().count(Call::Open), 0);
}

#[tokio::test]
async fn every_error_of_opening_a_store_has_its_kind() {
    let (_folder, host) = new_host();
    for (fault, status, part) in [
        (Fault::NoSuchStore(Call::Open), 503, "spin.toml"),
        (Fault::StoreTableFull(Call::Open), 503, "too many stores"),
        (
            Fault::Other(Call::Open, DAMAGED.into()),
            500,
            "DatabaseCorrupt",
        ),
    ] {
        host.calls().inject(fault.clone());
        let error = kv(&host, "get", "default").await;
        assert_eq!(error.status, status, "{fault:?}");
        assert!(error.message.contains(part), "{}", error.message);
        assert!(error.message.contains("default"), "{}", error.message);
    }
}

#[tokio::test]
async fn a_failed_call_names_the_key_and_the_store_and_never_the_value() {
    let (_folder, host) = new_host();
    for (operation, failing) in [
        ("get", Call::Get),
        ("put", Call::Set),
        ("delete", Call::Delete),
        ("exists", Call::Exists),
    ] {
        host.calls().inject(Fault::Other(failing, DAMAGED.into()));
        let error = kv(&host, operation, "default").await;
        assert_eq!(
            (error.status, error.kind.as_str()),
            (500, "internal"),
            "{operation}"
        );
        for part in ["\"the-key\"", "\"default\"", "DatabaseCorrupt"] {
            assert!(
                error.message.contains(part),
                "no {part} in: {}",
                error.message
            );
        }
        assert!(!error.message.contains("planted"), "{}", error.message);
        // Once: the next call works.
        let query = [("label", "default"), ("key", "the-key")];
        let again = call(&host, &format!("/kv/{operation}"), &query, "x").await;
        assert!(!again.status().is_server_error(), "{operation}");
    }
}

#[tokio::test]
async fn a_listing_that_the_host_breaks_off_is_an_error_and_no_short_page() {
    let folder = tempfile::tempdir().unwrap();
    let host = support::stream_host(&folder.path().join("kv.db")).unwrap();
    let host = host.build().unwrap();
    for n in 0..20 {
        let key = format!("{n:02}");
        call(
            &host,
            "/kv/put",
            &[("label", "default"), ("key", &key)],
            "x",
        )
        .await;
    }
    let query = [("label", "default"), ("limit", "5")];
    for keys in [0, 1, 7, 20] {
        let fault = Fault::AfterKeys(keys, DAMAGED.into());
        host.calls().inject(fault);
        let error = failed(&call(&host, "/kv/page", &query, "").await);
        assert_eq!(
            (error.status, error.kind.as_str()),
            (500, "internal"),
            "{keys} keys"
        );
        assert!(
            error.message.contains("DatabaseCorrupt"),
            "{}",
            error.message
        );
        assert!(error.message.contains("list the keys"), "{}", error.message);
    }
    host.calls().inject(Fault::NoSuchStore(Call::GetKeys));
    assert_eq!(
        failed(&call(&host, "/kv/page", &query, "").await).status,
        503
    );
    assert_eq!(call(&host, "/kv/page", &query, "").await.status(), 200);
}

#[tokio::test]
async fn a_value_beyond_the_hosts_limit_is_an_error_that_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kv.db");
    let host = support::host(&file).unwrap().build().unwrap();
    make_table(&host).await;
    rusqlite::Connection::open(&file)
        .unwrap()
        .execute_batch(
            "INSERT INTO spin_key_value VALUES ('default', 'the-key', zeroblob(134217729))",
        )
        .unwrap();
    let error = kv(&host, "get", "default").await;
    assert_eq!(error.status, 500);
    assert!(error.message.contains("exceeds limit"), "{}", error.message);
}

#[tokio::test]
async fn every_error_of_a_variable_has_its_kind() {
    let (_folder, host) = new_host();
    let name = ("key", conformance::fixture::SECRETS[0].0);
    for (fault, status, kind) in [
        (Fault::Provider("vault sealed".into()), 503, "unavailable"),
        (
            Fault::Other(Call::Variable, "vault sealed".into()),
            500,
            "internal",
        ),
        (Fault::InvalidName("vault sealed".into()), 400, "validation"),
    ] {
        host.calls().inject(fault);
        let error = failed(&call(&host, "/secret", &[name], "").await);
        assert_eq!((error.status, error.kind.as_str()), (status, kind));
        assert!(error.message.contains(name.1), "{}", error.message);
        assert!(!error.message.contains("vault sealed"), "{}", error.message);
    }
    assert_eq!(call(&host, "/secret", &[name], "").await.status(), 200);
    assert_eq!(
        call(&host, "/secret", &[("key", "undefined")], "")
            .await
            .status(),
        404
    );
    let asked = host.calls().count(Call::Variable);
    let error = failed(&call(&host, "/secret", &[("key", "a__b")], "").await);
    assert_eq!(error.status, 400);
    assert_eq!(
        host.calls().count(Call::Variable),
        asked,
        "the host was asked"
    );
}

#[tokio::test]
async fn a_trap_is_reported_with_stderr_and_the_next_request_gets_a_new_instance() {
    let (_folder, host) = new_host();
    let request = Request::post("/panic").body(Bytes::new()).unwrap();
    let error = host.handle(request).await.unwrap_err().to_string();
    assert!(error.contains("asked to"), "{error}");
    let query = [("label", "default"), ("key", "a")];
    assert_eq!(call(&host, "/kv/put", &query, "x").await.status(), 200);
}
