//! Without `wasi:keyvalue` there are no scripts.

use bytes::Bytes;
use http::StatusCode;

use crate::{Reply, reply};

pub(crate) async fn run(_body: Bytes) -> Reply {
    reply(StatusCode::NOT_FOUND, "built without wasi-keyvalue")
}
