//! A component, in the embedded host.

use bytes::Bytes;
use edgezero_spin_host::{Call, Fault, SpinHost};
use edgezero_store_sqlite::SqliteFile;
use edgezero_store_traits::KvStore;
use http::Request;

use crate::support::leak::{self, PLANTED};
use crate::support::{self, LABELS, call};

fn no_text() -> Bytes {
    [PLANTED.as_bytes(), b"\xff"].concat().into()
}

async fn put(file: &std::path::Path, label: &str, pairs: &[(&str, Bytes)]) {
    let store = SqliteFile::open(file).unwrap().kv(label).unwrap();
    let pairs = pairs.iter();
    let pairs = pairs.map(|(key, value)| ((*key).to_owned(), value.clone()));
    store.put_many(pairs.collect()).await.unwrap();
}

pub(crate) async fn no_error_and_no_trap_of_a_component_shows_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kv.db");
    for label in LABELS {
        put(&file, label, &[("a", PLANTED.into()), ("bad", no_text())]).await;
    }
    let host = support::host(&file).unwrap().variable("planted", PLANTED);
    let host = host.build().unwrap();
    let query = [
        ("label", LABELS[0]),
        ("key", "planted"),
        ("cursor", "made-up"),
    ];
    let exposed = call(&host, "/secret", &query, "").await;
    assert!(leak::is_in(exposed.body()), "the search does not find it");

    let debug = call(&host, "/secret/debug", &query, "").await;
    assert_eq!(debug.status(), 200);
    leak::is_not_in_response("Debug", &debug);
    for fault in [
        Fault::Provider("a provider failed".into()),
        Fault::InvalidName("no name".into()),
        Fault::Other(Call::Variable, "something else".into()),
    ] {
        host.calls().inject(fault.clone());
        let failed = call(&host, "/secret", &query, "").await;
        assert!(failed.status().as_u16() >= 400, "{fault:?}");
        leak::is_not_in_response("a provider's fault", &failed);
    }
    for (path, key, status) in [
        ("/secret", "undefined", 404),
        ("/secret", "no name", 400),
        ("/kv/increment", "a", 500),
        ("/kv/update", "a", 500),
        ("/kv/not-atomic", "bad", 500),
        ("/kv/page", "a", 400),
        ("/config", "bad", 500),
    ] {
        let query = [("label", LABELS[0]), ("key", key), ("cursor", "made-up")];
        let answer = call(&host, path, &query, "").await;
        assert_eq!(answer.status(), status, "{path}: {:?}", answer.body());
        leak::is_not_in_response(path, &answer);
    }
    for (fault, path) in [
        (Call::Get, "/kv/get"),
        (Call::Set, "/kv/put"),
        (Call::Exists, "/kv/exists"),
        (Call::Delete, "/kv/delete"),
        (Call::Increment, "/kv/increment"),
        (Call::Open, "/kv/get"),
    ] {
        host.calls().inject(Fault::Other(fault, "on fire".into()));
        let query = [("label", LABELS[0]), ("key", "a")];
        let answer = call(&host, path, &query, PLANTED).await;
        assert_eq!(answer.status(), 500, "{path}");
        leak::is_not_in_response(path, &answer);
    }
    for path in ["/secret/panic", "/secret/unwrap"] {
        let request = Request::post(format!("{path}?key=planted"));
        let request = request.body(Bytes::new()).unwrap();
        let trap = host.handle(request).await.unwrap_err();
        leak::is_not_in(path, format!("{trap} {trap:?}").as_bytes());
    }
    let stderr = host.stderr();
    for part in ["a handler broke with", "called `Result::unwrap()`"] {
        assert!(stderr.contains(part), "no {part} in {stderr}");
    }
    leak::is_not_in("stderr", stderr.as_bytes());
}

async fn example(file: &std::path::Path, settings: &[(&str, &str)]) -> SpinHost {
    let pairs = settings.iter();
    let pairs: Vec<_> = pairs
        .map(|(key, value)| (*key, Bytes::from((*value).to_owned())))
        .collect();
    put(file, "app_config", &pairs).await;
    put(file, "visits", &[("visits", PLANTED.into())]).await;
    let component = support::example_component().unwrap();
    let host = SpinHost::builder(component)
        .key_value("app_config", file)
        .key_value("visits", file)
        .variable("signing_key", PLANTED);
    host.build().unwrap()
}

pub(crate) async fn no_error_of_the_example_app_shows_a_secret() {
    for (settings, about) in [
        (&[("signing_key", "SIGNING_KEY")][..], 200),
        (&[("signing_key", PLANTED)], 500),
        (&[("signing_key", "planted_5ecret !")], 500),
        (&[("page.notes", PLANTED)], 500),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let host = example(&folder.path().join("kv.db"), settings).await;
        let mut failures = 0;
        for (method, path, status) in [
            ("GET", "/about", about),
            // What is stored there is no counter.
            ("POST", "/visits", 500),
            // The label that it may not open.
            ("GET", "/notes", 503),
            ("PUT", "/notes/a", 503),
        ] {
            let request = Request::builder().method(method).uri(path);
            let request = request.body(Bytes::from(PLANTED)).unwrap();
            let answer = host.handle(request).await.unwrap();
            assert_eq!(answer.status(), status, "{settings:?} {path}");
            leak::is_not_in_response(path, &answer);
            failures += usize::from(status >= 500);
        }
        if about == 200 {
            let fault = Fault::Provider("a provider failed".into());
            host.calls().inject(fault);
            let request = Request::get("/about").body(Bytes::new()).unwrap();
            let answer = host.handle(request).await.unwrap();
            assert!(answer.status().as_u16() >= 500, "{}", answer.status());
            leak::is_not_in_response("a provider's fault", &answer);
            failures += 1;
        }
        let stderr = host.stderr();
        // One line each, at least.
        assert!(stderr.lines().count() >= failures, "{stderr}");
        leak::is_not_in(&format!("stderr, with {settings:?}"), stderr.as_bytes());
    }
}
