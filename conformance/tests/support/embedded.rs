//! The component in the embedded Spin host, on each of Spin's platforms.

use std::io;
use std::path::Path;

use bytes::Bytes;
use conformance::{Case, Outcome, fixture};
use edgezero_spin_host::backend::{CosmosContainer, DynamoTable};
use edgezero_spin_host::{Call, Fault, RedisServer, SpinHost, SpinHostBuilder};
use edgezero_store_traits::BoxError;
use http::Request;
use tempfile::TempDir;

use super::platform::database;
use super::{LABELS, component, stream_component};

/// What Spin's SQLite store says when another connection has the lock.
pub(crate) const LOCKED: &str = "SqliteFailure(Error { code: DatabaseBusy, extended_code: 5 }, \
                                 Some(\"database is locked\"))";

/// What Spin's SQLite store says of a damaged file, with a value that must not show.
pub(crate) const DAMAGED: &str = "SqliteFailure(Error { code: DatabaseCorrupt, extended_code: \
                                  11 }, Some(\"planted_5ecret is malformed\"))";

/// What Spin's DynamoDB store says when another transaction was faster.
pub(crate) const CANCELED: &str = "ServiceError(ServiceError { source: TransactionCanceledException(\
     TransactionCanceledException { message: Some(\"[ConditionalCheckFailed]\") } ) })";

/// What Spin's stores say when a call of them fails on its way, with a value that must
/// not show.
const LOST: [(Embedded, &str); 5] = [
    (
        Embedded::Sqlite,
        "SqliteFailure(Error { code: SystemIoFailure, extended_code: 778 }, \
         Some(\"disk I/O error: planted_5ecret\"))",
    ),
    (
        Embedded::Stream,
        "SqliteFailure(Error { code: SystemIoFailure, extended_code: 778 }, \
         Some(\"disk I/O error: planted_5ecret\"))",
    ),
    (
        Embedded::Redis,
        "Connection reset by peer (os error 104): SET planted_5ecret",
    ),
    (
        Embedded::Dynamo,
        "DispatchFailure(DispatchFailure { source: ConnectorError { kind: Io, source: \
         planted_5ecret } })",
    ),
    (
        Embedded::Cosmos,
        "HttpResponse { status: RequestTimeout, body: planted_5ecret }",
    ),
];

/// A platform of the embedded host, and which component runs on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Embedded {
    /// SQLite, all labels in one file.
    Sqlite,
    /// [`Embedded::Sqlite`] under the component without the feature `wasi-keyvalue`.
    Stream,
    /// A real `redis-server`, with a database for each label.
    Redis,
    /// DynamoDB in memory, with a table for each label and consistent reads.
    Dynamo,
    /// Cosmos in memory, with a container for each label.
    Cosmos,
}

/// What a host needs as long as it runs.
pub(crate) struct Kept {
    _folder: TempDir,
    _server: Option<RedisServer>,
}

impl Embedded {
    /// The name of the suite's leg.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "spin",
            Self::Stream => "spin-stream",
            Self::Redis => "spin-redis",
            Self::Dynamo => "spin-dynamo",
            Self::Cosmos => "spin-cosmos",
        }
    }

    /// A host on a new and empty platform.
    pub(crate) fn host(self) -> Result<(SpinHostBuilder, Kept), BoxError> {
        let folder = in_memory()?;
        let mut server = None;
        let host = match self {
            Self::Sqlite => host_on_sqlite(component()?, &folder.path().join("kv.db")),
            Self::Stream => host_on_sqlite(stream_component()?, &folder.path().join("kv.db")),
            Self::Redis => {
                let redis = server.insert(RedisServer::start()?);
                let host = SpinHost::builder(component()?).variable("platform", "redis");
                LABELS.iter().fold(host, |host, label| {
                    host.redis(label, &redis.url(database(label)))
                })
            }
            Self::Dynamo => {
                let host = SpinHost::builder(component()?).variable("platform", "dynamo");
                let host = host.faults("busy", [Fault::Other(Call::Increment, CANCELED.into())]);
                LABELS.iter().fold(host, |host, label| {
                    host.dynamo(label, &DynamoTable::new().consistent_read(true))
                })
            }
            Self::Cosmos => {
                let host = SpinHost::builder(component()?).variable("platform", "cosmos");
                LABELS.iter().fold(host, |host, label| {
                    host.cosmos(label, &CosmosContainer::new())
                })
            }
        };
        let kept = Kept {
            _folder: folder,
            _server: server,
        };
        let lost = LOST.iter().find(|(platform, _)| *platform == self);
        let host = lost.map_or(host.clone(), |(_, text)| host.failing_requests(text));
        Ok((with_the_suites(host), kept))
    }
}

/// A temporary folder in memory, where the system has one: a case on SQLite syncs the disk
/// up to 10,000 times.
fn in_memory() -> io::Result<TempDir> {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())
}

/// A host of this component with its labels in one SQLite file.
pub(super) fn host_on_sqlite(component: &Path, file: &Path) -> SpinHostBuilder {
    let busy = [Call::Increment, Call::SetMany, Call::DeleteMany];
    let busy = busy.map(|call| Fault::Other(call, LOCKED.into()));
    let host = SpinHost::builder(component).faults("busy", busy);
    LABELS
        .iter()
        .fold(host, |host, label| host.key_value(label, file))
}

/// Adds the suite's secrets, and the variable that breaks off a listing.
pub(super) fn with_the_suites(host: SpinHostBuilder) -> SpinHostBuilder {
    let host = fixture::SECRETS
        .iter()
        .fold(host, |host, (name, value)| host.variable(name, value));
    // The one call that hands over all keys fails, and so does the stream of them.
    let faults = [
        Fault::Other(Call::ListKeys, "the list breaks off".to_owned()),
        Fault::AfterKeys(450, "the keys break off".to_owned()),
    ];
    host.faults("fail_mid_listing", faults)
}

/// Runs a case in the component, on a host and a platform of its own.
pub(crate) async fn run_in_component(case: &Case, platform: Embedded) -> Outcome {
    let run = async {
        let (host, _kept) = platform.host()?;
        let request = Request::post(format!("/suite/run?case={}", case.name()));
        let response = host.build()?.handle(request.body(Bytes::new())?).await?;
        Ok::<_, BoxError>(serde_json::from_slice(response.body())?)
    };
    let done = run.await;
    done.unwrap_or_else(|error| Outcome::Failed(error.to_string()))
}
