//! The component, in the embedded Spin host.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use conformance::operations::{Answer, Work};
use edgezero_spin_host::SpinHost;
use edgezero_store_traits::BoxError;
use http::Request;

use crate::support;
use crate::world::Subject;

/// The adapter as it is by default, or without the feature `wasi-keyvalue`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Default,
    Stream,
}

pub(crate) struct Component {
    path: PathBuf,
    kind: Kind,
    host: SpinHost,
}

impl Component {
    pub(crate) fn new(path: &Path, kind: Kind) -> Result<Self, BoxError> {
        let builder = match kind {
            Kind::Default => support::host(path),
            Kind::Stream => support::stream_host(path),
        };
        Ok(Self {
            path: path.to_owned(),
            kind,
            host: builder?.build()?,
        })
    }
}

#[async_trait]
impl Subject for Component {
    async fn run(&mut self, work: Work, _now: u64) -> Result<Vec<Answer>, BoxError> {
        let request = Request::post("/operations").body(serde_json::to_vec(&work)?.into())?;
        let response = self.host.handle(request).await?;
        if response.status() != 200 {
            return Err(format!("{response:?}").into());
        }
        Ok(serde_json::from_slice(response.body())?)
    }

    async fn reopen(&mut self) -> Result<(), BoxError> {
        *self = Self::new(&self.path, self.kind)?;
        Ok(())
    }

    fn keeps_swap(&self) -> bool {
        false
    }
}
