//! The component that carries the conformance suite into Spin.
//!
//! It serves these over HTTP, for a test on the host to drive:
//!
//! - `GET /suite`: the names of its cases, as JSON;
//! - `POST /suite/run?case=NAME`: runs one case, and answers its outcome;
//! - `/kv/…`, `/config`, `/secret`: one call of the adapter each (see `calls.rs`);
//! - `POST /operations`: many calls of the adapter, as data (see `operations.rs`);
//! - `POST /bare`: a script of the host's own calls (see `bare.rs`);
//! - `/measure/…`: how long a piece of work took in here (see `measure.rs`);
//! - `/panic`: ends the instance.

// clippy looks at it on the host too.
#![cfg(any(target_arch = "wasm32", clippy))]

#[cfg(feature = "wasi-keyvalue")]
mod bare;
#[cfg(not(feature = "wasi-keyvalue"))]
#[path = "no_bare.rs"]
mod bare;
mod calls;
mod fixture;
mod measure;
mod operations;

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

use crate::calls::Query;

type Reply = Response<Full<Bytes>>;

#[http_service]
async fn handle(request: Request) -> anyhow::Result<impl IntoResponse> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let query = Query::new(parts.uri.query());
    let reply = match (&parts.method, parts.uri.path()) {
        (&Method::GET, "/suite") => {
            json(&conformance::suite().map(|c| c.name()).collect::<Vec<_>>())
        }
        (&Method::POST, "/suite/run") => run_case(&query).await,
        (&Method::POST, "/bare") => bare::run(body).await,
        (&Method::POST, "/operations") => operations::run(body).await,
        (_, "/panic") => panic!("asked to"),
        (_, path) if path.starts_with("/measure/") => measure::measure(path, &query).await?,
        (_, path) => calls::call(path, &query, body).await,
    };
    Ok(reply)
}

async fn run_case(query: &Query) -> Reply {
    let name = query.get("case");
    match conformance::suite().find(|case| case.name() == name) {
        Some(case) => json(&case.run(&fixture::SpinFixture::default()).await),
        None => reply(StatusCode::NOT_FOUND, format!("no case {name:?}")),
    }
}

fn json(value: &impl serde::Serialize) -> Reply {
    match serde_json::to_vec(value) {
        Ok(text) => reply(StatusCode::OK, text),
        Err(error) => reply(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}

fn reply(status: StatusCode, body: impl Into<Bytes>) -> Reply {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response
}
