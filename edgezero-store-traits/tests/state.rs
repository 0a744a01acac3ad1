//! An app whose handlers share a state, and what its platform tells it of a client.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{Request, Response};
use axum::routing::get;
use bytes::Bytes;
use edgezero_store_traits::app::{
    App as _, ClientAddress, Fetch, FetchError, SendRequest, server_of,
};
use edgezero_store_traits::{AppError, async_trait};
use futures_util::FutureExt;
use tower_service::Service;

edgezero_store_traits::app!("tests/ui/manifests/good.toml", router, Shared::new);

static BUILT: AtomicUsize = AtomicUsize::new(0);

struct Shared {
    asked: AtomicUsize,
}

impl Shared {
    fn new() -> Arc<Self> {
        BUILT.fetch_add(1, Ordering::Relaxed);
        Arc::new(Self {
            asked: AtomicUsize::new(0),
        })
    }
}

fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(count))
        .route("/who", get(who))
        .route("/fetch", get(fetch))
}

async fn count(State(shared): State<Arc<Shared>>) -> String {
    shared.asked.fetch_add(1, Ordering::Relaxed).to_string()
}

async fn who(ClientAddress(address): ClientAddress) -> String {
    address.to_string()
}

async fn fetch(fetch: Fetch) -> Result<String, AppError> {
    let answer = fetch.send(Request::get("https://a.b/c?key=planted").body("")?);
    Ok(String::from_utf8_lossy(answer.await?.body()).into_owned())
}

/// Answers with the server that it was to ask.
struct Mirror;

#[async_trait]
impl SendRequest for Mirror {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        Ok(Response::new(server_of(request.uri())?.into()))
    }
}

fn ask(router: &mut Router, request: Request<Body>) -> (u16, String) {
    let answer = async {
        let response = router.call(request).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8(body.into()).unwrap())
    };
    answer.now_or_never().unwrap()
}

fn to(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

#[test]
fn a_state_is_built_once_and_shared_by_the_requests() {
    let mut router = App::router();
    for asked in ["0", "1", "2"] {
        assert_eq!(ask(&mut router, to("/")), (200, asked.to_owned()));
    }
    assert_eq!(BUILT.load(Ordering::Relaxed), 1);
}

#[test]
fn a_client_has_the_address_that_the_platform_says_and_no_header_changes_it() {
    let mut router = router().with_state(Arc::new(Shared {
        asked: AtomicUsize::new(0),
    }));
    let mut request = to("/who");
    let headers = request.headers_mut();
    headers.insert("spin-client-addr", "10.0.0.1:1".parse().unwrap());
    assert_eq!(ask(&mut router, request).0, 500);
    let mut request = to("/who");
    let address: std::net::SocketAddr = "[::ffff:192.0.2.7]:999".parse().unwrap();
    request
        .extensions_mut()
        .insert(ClientAddress::from(address));
    assert_eq!(ask(&mut router, request), (200, "192.0.2.7".to_owned()));
}

#[test]
fn a_test_answers_an_apps_requests_itself() {
    let mut router = router().with_state(Arc::new(Shared {
        asked: AtomicUsize::new(0),
    }));
    assert_eq!(ask(&mut router, to("/fetch")).0, 500);
    let mut request = to("/fetch");
    request.extensions_mut().insert(Fetch::new(Mirror));
    assert_eq!(ask(&mut router, request), (200, "https://a.b".to_owned()));
}

#[test]
fn a_server_is_named_without_what_may_be_secret() {
    for (url, server) in [
        ("https://user:planted@a.b/planted?planted", "https://a.b"),
        ("http://a.b:8080/x", "http://a.b:8080"),
        ("http://[::1]:80", "http://[::1]:80"),
    ] {
        assert_eq!(server_of(&url.parse().unwrap()).unwrap(), server);
    }
    for url in ["/x", "ftp://a.b", "a.b:80"] {
        let error = server_of(&url.parse().unwrap()).unwrap_err();
        assert_eq!((error.status(), error.kind()), (500, "fetch_invalid"));
    }
}
