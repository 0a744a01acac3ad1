//! The Spin adapter, in a real component in the embedded Spin host, on each platform.

use std::sync::Arc;
use std::time::Duration;

use conformance::harness::Backend;
use tokio::runtime::Runtime;

use crate::support::embedded::{Embedded, run_in_component};
use crate::support::excluded;

/// How long a case may take: the first one waits until the component is built and
/// compiled.
const LIMIT: Duration = Duration::from_secs(600);

const PLATFORMS: [Embedded; 5] = [
    Embedded::Sqlite,
    Embedded::Stream,
    Embedded::Redis,
    Embedded::Dynamo,
    Embedded::Cosmos,
];

pub(crate) fn backends(runtime: &Arc<Runtime>) -> impl Iterator<Item = Backend> {
    PLATFORMS.into_iter().map(|platform| {
        let runtime = runtime.clone();
        Backend::new(platform.name(), move |case| {
            let outcome = runtime.block_on(run_in_component(case, platform));
            excluded::as_recorded(platform.name(), &case.name(), outcome)
        })
        .limit(LIMIT)
    })
}
