//! The Spin adapter under a real `spin up`, where `EDGEZERO_SPIN_BIN` names one.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use conformance::Outcome;
use conformance::harness::Backend;

use crate::support::component;
use crate::support::spin_up::SpinUp;

const PROGRAM: &str = "EDGEZERO_SPIN_BIN";

/// The backend, or `None` where no program is named: then it has no tests at all.
pub(crate) fn backend() -> Option<Backend> {
    let program = PathBuf::from(std::env::var_os(PROGRAM)?);
    // One Spin for all cases, one case at a time: a case empties the labels first.
    let spin = Mutex::new(None);
    Some(Backend::new("spin-cli", move |case| {
        let mut spin = spin.lock().unwrap_or_else(PoisonError::into_inner);
        let started = spin.get_or_insert_with(|| {
            let component = component().map_err(|error| error.to_string())?;
            SpinUp::start(&program, component)
        });
        match started {
            Ok(spin) => spin.run(&case.name()),
            Err(reason) => Outcome::Failed(format!("{PROGRAM}: {reason}")),
        }
    }))
}
