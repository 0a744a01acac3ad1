//! The component over HTTP.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::SpinHost;

impl SpinHost {
    /// Answers HTTP requests on the listener until the task is dropped. A
    /// component that fails is a 500 with the reason.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(self: Arc<Self>, listener: TcpListener) -> io::Result<()> {
        loop {
            let (connection, _) = listener.accept().await?;
            let host = self.clone();
            let service = service_fn(move |request| {
                let host = host.clone();
                async move { Ok::<_, Infallible>(host.answer(request).await) }
            });
            tokio::spawn(async move {
                // A client that goes away is its own affair.
                let _ = http1::Builder::new()
                    .serve_connection(TokioIo::new(connection), service)
                    .await;
            });
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let answer = match body.collect().await {
            Ok(body) => {
                let request = Request::from_parts(parts, body.to_bytes());
                self.handle(request)
                    .await
                    .map_err(|error| error.to_string())
            }
            Err(error) => Err(error.to_string()),
        };
        answer
            .unwrap_or_else(|reason| {
                let mut response = Response::new(Bytes::from(reason));
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                response
            })
            .map(Full::new)
    }
}
