//! Requests that a served app sends to other servers.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::net::SocketAddr;

use edgezero_store_sqlite::serve::{ServeOptions, Server};
use edgezero_store_traits::AppError;
use edgezero_store_traits::app::axum::Router;
use edgezero_store_traits::app::axum::body::{Body, Bytes};
use edgezero_store_traits::app::axum::http::{HeaderMap, Method, Request, StatusCode};
use edgezero_store_traits::app::axum::response::{IntoResponse, Response};
use edgezero_store_traits::app::axum::routing::any;
use edgezero_store_traits::app::{App, Fetch, MAX_FETCHED_BYTES, Metadata, axum};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Hands a request on to the URL in its header `to`.
struct Relay;

impl App for Relay {
    const METADATA: Metadata = Metadata {
        name: "relay",
        kv: None,
        config: None,
        secrets: None,
    };

    fn router() -> Router {
        Router::new().route("/", any(relay))
    }
}

async fn relay(
    fetch: Fetch,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, AppError> {
    let mut request = Request::builder().method(method);
    if let Some(word) = headers.get("word") {
        request = request.header("word", word);
    }
    let to = headers["to"].to_str().unwrap();
    let answer = fetch.send(request.uri(to).body(body)?).await?;
    Ok(answer.map(Body::from).into_response())
}

/// Answers with what it was asked.
async fn other_server() -> SocketAddr {
    let echo = |method: Method, headers: HeaderMap, body: Bytes| async move {
        let mut names: Vec<_> = headers.keys().map(|name| name.as_str()).collect();
        names.sort_unstable();
        let word = headers
            .get("word")
            .map_or("", |word| word.to_str().unwrap());
        let text = format!("{method} {word} {} {}", names.join(","), body.len());
        (StatusCode::IM_A_TEAPOT, [("answer", "yes")], text)
    };
    let router = Router::new()
        .route("/echo", any(echo))
        .route(
            "/away",
            any(|| async { (StatusCode::FOUND, [("location", "/echo")]) }),
        )
        .route("/large", any(|| async { vec![0; MAX_FETCHED_BYTES + 1] }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
    address
}

/// The relay, allowed to ask `hosts`.
async fn relay_to(hosts: &str) -> SocketAddr {
    let folder = tempfile::tempdir().unwrap();
    let spin_toml = format!(
        "spin_manifest_version = 2\napplication.name = \"relay\"\n[[trigger.http]]\n\
         route = \"/...\"\ncomponent = \"relay\"\n[component.relay]\n\
         source = \"relay.wasm\"\nallowed_outbound_hosts = {hosts}\n"
    );
    std::fs::write(folder.path().join("spin.toml"), spin_toml).unwrap();
    let options = ServeOptions::new(folder.path());
    let options = options.with_address(([127, 0, 0, 1], 0).into());
    let server = Server::bind::<Relay>(options).await.unwrap();
    let address = server.address();
    tokio::spawn(server.run_until(std::future::pending()));
    address
}

/// The head and the body of the relay's answer.
async fn ask(relay: SocketAddr, method: &str, to: &str, body: &str) -> (String, String) {
    let mut stream = TcpStream::connect(relay).await.unwrap();
    let request = format!(
        "{method} / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nword: hello\r\nto: {to}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

#[tokio::test]
async fn a_request_is_sent_as_it_is_and_any_answer_comes_back() {
    let other = other_server().await;
    let relay = relay_to(&format!("[\"http://{other}\"]")).await;
    let url = format!("http://{other}/echo");
    for (method, body, heard) in [
        ("GET", "", "GET hello host,word 0"),
        ("POST", "12345", "POST hello content-length,host,word 5"),
        ("DELETE", "1", "DELETE hello content-length,host,word 1"),
    ] {
        let (head, answered) = ask(relay, method, &url, body).await;
        assert!(head.starts_with("HTTP/1.1 418"), "{head}");
        assert!(head.contains("answer: yes"), "{head}");
        assert_eq!(answered, heard);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = other_server().await;
    let relay = relay_to("[\"http://127.0.0.1:*\"]").await;
    let (head, _) = ask(relay, "GET", &format!("http://{other}/away"), "").await;
    assert!(head.starts_with("HTTP/1.1 302"), "{head}");
    assert!(head.contains("location: /echo"), "{head}");
}

#[tokio::test]
async fn a_server_that_spin_would_not_allow_is_not_asked() {
    let other = other_server().await;
    let relay = relay_to("[]").await;
    let (head, body) = ask(relay, "GET", &format!("http://{other}/echo"), "").await;
    assert!(head.starts_with("HTTP/1.1 500"), "{head}");
    assert!(body.contains("fetch_denied"), "{body}");
}

#[tokio::test]
async fn what_cannot_be_sent_and_what_is_not_answered_are_errors_of_the_app() {
    let other = other_server().await;
    let relay = relay_to("[\"*://*:*\"]").await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = closed.local_addr().unwrap();
    drop(closed);
    for (url, status, code) in [
        (format!("http://{other}/large"), 502, "fetch_too_large"),
        (format!("http://{nobody}/"), 502, "fetch_no_answer"),
        ("ftp://example.com/".to_owned(), 500, "fetch_invalid"),
        ("/echo".to_owned(), 500, "fetch_invalid"),
        ("http://a b/".to_owned(), 500, "fetch_invalid"),
    ] {
        let (head, body) = ask(relay, "GET", &url, "").await;
        assert!(
            head.starts_with(&format!("HTTP/1.1 {status}")),
            "{url}: {head}"
        );
        assert!(body.contains(code), "{url}: {body}");
    }
}
