//! The app over HTTP, on stores of its own.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeSet;
use std::net::SocketAddr;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use bytes::Bytes;
use edgezero_store_sqlite::SqliteFile;
use edgezero_store_sqlite::serve::{ServeOptions, Server};
use edgezero_store_traits::{KvStore, bytes};
use links_core::App;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

const SPIN_TOML: &str = include_str!("../../spin/spin.toml");
const SECRET: &str = "hunter2";

struct Served {
    address: SocketAddr,
    stores: SqliteFile,
    _folder: TempDir,
}

/// The app of spin.toml, which may ask this machine, with what its two configuration stores
/// have.
async fn serve(app_config: &[(&str, &str)], limits: &[(&str, &str)]) -> Served {
    let folder = tempfile::tempdir().unwrap();
    let spin_toml = SPIN_TOML.replace(
        "allowed_outbound_hosts = []",
        "allowed_outbound_hosts = [\"http://127.0.0.1:*\"]",
    );
    std::fs::write(folder.path().join("spin.toml"), spin_toml).unwrap();
    let file = folder.path().join("kv.db");
    let stores = SqliteFile::open(&file).unwrap();
    let base = [("base_url", "https://s.example/")];
    for (label, values) in [
        ("app_config", &base[..]),
        ("app_config", app_config),
        ("limits", limits),
    ] {
        let store = stores.kv(label).unwrap();
        for (key, value) in values {
            store
                .put_bytes(key, (*value).to_owned().into())
                .await
                .unwrap();
        }
    }
    let options = ServeOptions::new(folder.path())
        .with_runtime_config(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../spin/runtime-config.toml"
        ))
        .with_environment([("SPIN_VARIABLE_WEBHOOK_TOKEN", SECRET)])
        .with_file(&file)
        .with_address(([127, 0, 0, 1], 0).into());
    let server = Server::bind::<App>(options).await.unwrap();
    let address = server.address();
    tokio::spawn(server.run_until(std::future::pending()));
    Served {
        address,
        stores,
        _folder: folder,
    }
}

impl Served {
    /// The status, the head and the body of an answer.
    async fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: \
             application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_owned(), body.to_owned())
    }

    async fn create(&self, link: Value) -> (u16, Value) {
        let (status, _, body) = self.ask("POST", "/links", &link.to_string()).await;
        (status, serde_json::from_str(&body).unwrap_or_default())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_made_where_its_name_is_free_and_is_followed_and_counted() {
    let app = serve(&[], &[]).await;
    let (status, made) = app
        .create(json!({ "url": "https://a.example/x?y=1", "name": "a-1" }))
        .await;
    assert_eq!(status, 201);
    assert_eq!(made["short"], "https://s.example/a-1");
    let (status, _) = app
        .create(json!({ "url": "https://b.example", "name": "a-1" }))
        .await;
    assert_eq!(status, 409);
    for _ in 0..3 {
        let (status, head, _) = app.ask("GET", "/a-1", "").await;
        assert_eq!(status, 307);
        assert!(head.contains("location: https://a.example/x?y=1"), "{head}");
    }
    let (_, _, read) = app.ask("GET", "/links/a-1", "").await;
    assert_eq!(read, r#"{"url":"https://a.example/x?y=1","visits":3}"#);
    for missing in ["/b", "/links/b", "/links/a%00b"] {
        assert_eq!(app.ask("GET", missing, "").await.0, 404, "{missing}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_requests_for_one_name_one_gets_it() {
    let app = serve(&[], &[]).await;
    let link = |n: u32| json!({ "url": format!("https://a.example/{n}"), "name": "one" });
    let all = tokio::join!(
        app.create(link(1)),
        app.create(link(2)),
        app.create(link(3)),
        app.create(link(4))
    );
    let mut statuses = [all.0.0, all.1.0, all.2.0, all.3.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
}

#[tokio::test(flavor = "multi_thread")]
async fn links_without_a_name_get_names_that_are_free() {
    let app = serve(&[], &[]).await;
    // The first name that the app would take.
    let (status, _) = app
        .create(json!({ "url": "https://a.example", "name": "b" }))
        .await;
    assert_eq!(status, 201);
    let mut names = BTreeSet::from(["b".to_owned()]);
    for _ in 0..3 {
        let (status, made) = app.create(json!({ "url": "https://a.example" })).await;
        assert_eq!(status, 201);
        assert!(
            names.insert(made["name"].as_str().unwrap().to_owned()),
            "{made}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_1000_links_are_listed_page_by_page() {
    let app = serve(&[], &[("page", "400")]).await;
    let link = || Bytes::from(r#"{"url":"https://a.example"}"#);
    let pairs = (0..1001).map(|n| (format!("n{n:04}"), link())).collect();
    let links = app.stores.kv("links").unwrap();
    links.put_many(pairs).await.unwrap();
    let mut names = Vec::new();
    let mut sizes = Vec::new();
    let mut path = "/links".to_owned();
    loop {
        let (status, _, body) = app.ask("GET", &path, "").await;
        assert_eq!(status, 200, "{body}");
        let page: Value = serde_json::from_str(&body).unwrap();
        let links = page["links"].as_array().unwrap();
        sizes.push(links.len());
        names.extend(
            links
                .iter()
                .map(|link| link["name"].as_str().unwrap().to_owned()),
        );
        match page["cursor"].as_str() {
            Some(cursor) => path = format!("/links?cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(sizes, [400, 400, 201]);
    let expected: Vec<_> = (0..1001).map(|n| format!("n{n:04}")).collect();
    assert_eq!(names, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_makes_only_so_many_links_in_a_minute() {
    let app = serve(&[], &[("per_minute", "2")]).await;
    // One of these may fall into the next minute.
    let mut made = 0;
    for _ in 0..6 {
        match app.create(json!({ "url": "https://a.example" })).await.0 {
            201 => made += 1,
            status => assert_eq!(status, 429),
        }
    }
    assert!([2, 4].contains(&made), "{made}");
    let clients = app.stores.kv("clients").unwrap();
    assert!(clients.exists("127.0.0.1").await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_link_is_refused() {
    let app = serve(&[], &[]).await;
    let long = format!("https://a.example/{}", "x".repeat(2048));
    for url in [
        "javascript:alert(1)",
        "ftp://a.example",
        "/x",
        "a b",
        "",
        &long,
    ] {
        assert_eq!(app.create(json!({ "url": url })).await.0, 400, "{url}");
    }
    for name in ["links", "a/b", "", "a b", "é", &"a".repeat(65)] {
        let link = json!({ "url": "https://a.example", "name": name });
        assert_eq!(app.create(link).await.0, 400, "{name}");
    }
    assert_eq!(app.ask("POST", "/links", "{").await.0, 400);
}

/// A webhook that answers so, and what it was told.
async fn webhook(status: StatusCode) -> (SocketAddr, UnboundedReceiver<(String, String)>) {
    let (sender, told) = unbounded_channel();
    let hear = move |headers: HeaderMap, body: String| {
        let sender = sender.clone();
        async move {
            let who = headers["authorization"].to_str().unwrap().to_owned();
            sender.send((who, body)).unwrap();
            status
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/", post(hear));
    tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
    (address, told)
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_told_of_a_link_with_their_secret() {
    let (good, mut told) = webhook(StatusCode::OK).await;
    let (bad, _told) = webhook(StatusCode::FORBIDDEN).await;
    let webhooks = [
        format!("http://{good}/"),
        format!("http://{bad}/"),
        // spin.toml does not allow it.
        "https://example.com/".to_owned(),
    ]
    .map(|url| json!({ "url": url, "token": "webhook_token" }));
    let webhooks = json!(webhooks).to_string();
    let app = serve(&[("webhooks", &webhooks)], &[]).await;
    let (status, made) = app
        .create(json!({ "url": "https://a.example", "name": "a" }))
        .await;
    assert_eq!(status, 201);
    assert_eq!(made["notified"], 1);
    assert!(!made.to_string().contains(SECRET), "{made}");
    let (who, body) = told.recv().await.unwrap();
    assert_eq!(who, format!("Bearer {SECRET}"));
    assert_eq!(body, r#"{"name":"a","url":"https://a.example"}"#);
}
