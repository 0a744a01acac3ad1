//! The Spin adapter under a real `spin up`, where `EDGEZERO_SPIN_BIN` names one: on
//! SQLite, on a Redis server that the run starts, and on the DynamoDB server that
//! `EDGEZERO_DYNAMO_URL` names.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use conformance::Outcome;
use conformance::harness::Backend;
use edgezero_spin_host::RedisServer;

use crate::support::component;
use crate::support::excluded;
use crate::support::platform::Platform;
use crate::support::spin_up::SpinUp;

const PROGRAM: &str = "EDGEZERO_SPIN_BIN";
const DYNAMO: &str = "EDGEZERO_DYNAMO_URL";

/// How long a case may take. Spin's SQLite syncs each of a case's 8,000 increments, and
/// the first case waits until Spin has compiled the component. A case also waits for its
/// turn.
const LIMIT: Duration = Duration::from_secs(900);

/// The backends; none where no program is named, so that there are no tests at all.
pub(crate) fn backends() -> Vec<Backend> {
    let Some(program) = std::env::var_os(PROGRAM).map(PathBuf::from) else {
        return Vec::new();
    };
    let mut backends = vec![
        backend("spin-cli-sqlite", "spin", &program, || Ok(Platform::Sqlite)),
        backend("spin-cli-redis", "spin-redis", &program, || {
            let server = RedisServer::start().map_err(|error| error.to_string())?;
            Ok(Platform::Redis(server))
        }),
    ];
    if let Ok(endpoint) = std::env::var(DYNAMO) {
        backends.push(backend(
            "spin-cli-dynamo",
            "spin-dynamo",
            &program,
            move || Platform::dynamo(&endpoint),
        ));
    }
    backends
}

/// One Spin for all cases, one case at a time: a case empties the labels first. It
/// excludes what `embedded`, the leg in the embedded host, excludes.
fn backend(
    name: &str,
    embedded: &'static str,
    program: &Path,
    platform: impl Fn() -> Result<Platform, String> + Send + Sync + 'static,
) -> Backend {
    let (program, spin) = (program.to_owned(), Mutex::new(None));
    Backend::new(name, move |case| {
        let mut spin = spin.lock().unwrap_or_else(PoisonError::into_inner);
        let started = spin.get_or_insert_with(|| {
            let component = component().map_err(|error| error.to_string())?;
            SpinUp::start(&program, component, platform()?)
        });
        match started {
            Ok(spin) => {
                let outcome = spin.run(&case.name());
                excluded::as_recorded_for_a_real_spin(embedded, &case.name(), outcome)
            }
            Err(reason) => Outcome::Failed(format!("{PROGRAM}: {reason}")),
        }
    })
    .limit(LIMIT)
}
