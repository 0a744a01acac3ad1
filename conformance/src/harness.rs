//! Runs the suite on backends: as named tests, or as a table.

mod table;

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Completion, Trial};

use crate::{Case, Outcome, suite};

type RunCase = Arc<dyn Fn(&Case) -> Outcome + Send + Sync>;

/// A backend under test: its name, and how it runs a case.
#[derive(Clone)]
pub struct Backend {
    name: String,
    run: RunCase,
}

impl Backend {
    /// A backend that runs a case, blocking, with `run`. Cases run on several
    /// threads at once.
    pub fn new(
        name: impl Into<String>,
        run: impl Fn(&Case) -> Outcome + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            run: Arc::new(run),
        }
    }

    /// The backend's name, the first part of its tests' names.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn run(&self, case: &Case) -> Outcome {
        // A backend that panics fails this case, not the table.
        std::panic::catch_unwind(AssertUnwindSafe(|| (self.run)(case)))
            .unwrap_or_else(|_| Outcome::Failed("it panicked; see the output above".to_owned()))
    }
}

/// The suite as one test a case: `<backend>::<case>`, with the case's rules
/// before the name.
pub fn trials(backend: &Backend) -> Vec<Trial> {
    suite()
        .map(|case| {
            let backend = backend.clone();
            Trial::ignorable_test(format!("{}::{}", backend.name, case.name()), move || {
                match backend.run(&case) {
                    Outcome::Passed => Ok(Completion::Completed),
                    Outcome::Excluded(reason) => Ok(Completion::ignored_with(reason)),
                    Outcome::Failed(message) => Err(message.into()),
                }
            })
            .with_kind(case.rules().join(" "))
        })
        .collect()
}

/// The `main` of a test target: the suite on each backend, with libtest's
/// arguments, or as a table with `--table`.
pub fn main(backends: &[Backend]) -> ExitCode {
    main_with(backends, Vec::new())
}

/// [`main`], with more tests beside the suite's. The table leaves those out.
pub fn main_with(backends: &[Backend], more: Vec<Trial>) -> ExitCode {
    let (table, arguments): (Vec<_>, Vec<_>) =
        std::env::args().partition(|argument| argument == "--table");
    if !table.is_empty() {
        return table::print(backends);
    }
    let trials = backends.iter().flat_map(trials).chain(more).collect();
    libtest_mimic::run(&Arguments::from_iter(arguments), trials).exit_code()
}
