//! Runs the suite on backends: as named tests, or as a table.

mod arguments;
mod table;

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use libtest_mimic::Completion;
pub use libtest_mimic::Trial;

use self::arguments::Selection;
use crate::{Case, Outcome, suite};

/// How long a case may take, unless the backend has another [limit](Backend::limit).
pub const LIMIT: Duration = Duration::from_secs(60);

type RunCase = Arc<dyn Fn(&Case) -> Outcome + Send + Sync>;

/// A backend under test: its name, how it runs a case, and which cases.
#[derive(Clone)]
pub struct Backend {
    name: String,
    run: RunCase,
    limit: Duration,
    own: Vec<Case>,
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
            limit: LIMIT,
            own: Vec::new(),
        }
    }

    /// Lets a case take so long; without it, [`LIMIT`]. A case that takes longer has
    /// failed, and what it started goes on in the background until the run ends.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs these cases of your own after the suite's. They are named, filtered and
    /// printed like those.
    #[must_use]
    pub fn own_cases(mut self, cases: impl IntoIterator<Item = Case>) -> Self {
        self.own.extend(cases);
        self
    }

    /// The backend's name, the first part of its tests' names.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The suite's cases, and then the backend's own.
    pub fn cases(&self) -> impl Iterator<Item = Case> {
        suite().chain(self.own.iter().copied())
    }

    /// Runs one case, for as long as the [limit](Backend::limit) allows.
    pub fn run(&self, case: &Case) -> Outcome {
        let (ended, outcome) = mpsc::channel();
        let (run, case) = (self.run.clone(), *case);
        let work = move || {
            // A backend that panics fails this case, not the table.
            let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| run(&case)));
            // Nobody waits for it after the limit.
            let _ = ended.send(outcome);
        };
        let name = format!("{}::{}", self.name, case.name());
        if let Err(error) = std::thread::Builder::new().name(name.clone()).spawn(work) {
            return Outcome::Failed(format!("cannot start a thread for {name}: {error}"));
        }
        match outcome.recv_timeout(self.limit) {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Outcome::Failed("it panicked; see the output above".to_owned()),
            Err(_) => Outcome::Failed(format!(
                "{name} did not end within {:?}: a call of the backend hangs, or the limit of \
                 the backend is too short (see Backend::limit)",
                self.limit
            )),
        }
    }
}

/// The suite as one test a case: `<backend>::<case>`, with the case's rules
/// before the name.
pub fn trials(backend: &Backend) -> Vec<Trial> {
    trials_of(backend, &Selection::default())
}

fn trials_of(backend: &Backend, selection: &Selection) -> Vec<Trial> {
    let cases = backend.cases().filter(|case| selection.has_case(case));
    cases
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

/// The `main` of a test target: the suite on each backend, with libtest's arguments,
/// and these:
///
/// - `--rule KV-LIST-1`: only the cases of this rule; it may be given several times;
/// - `--backend NAME`: only this backend; it may be given several times;
/// - `--table`: a table of cases by backend in place of test results.
///
/// A rule or a backend that does not exist is an error.
pub fn main(backends: &[Backend]) -> ExitCode {
    main_with(backends, Vec::new())
}

/// [`main`], with more tests beside the suite's. The table leaves those out, and so
/// does a run of one rule or of one backend.
pub fn main_with(backends: &[Backend], more: Vec<Trial>) -> ExitCode {
    let selection = match Selection::parse(std::env::args(), backends) {
        Ok(selection) => selection,
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::FAILURE;
        }
    };
    let selected: Vec<_> = backends
        .iter()
        .filter(|backend| selection.has_backend(backend))
        .cloned()
        .collect();
    if selection.table {
        return table::print(&selected, &selection);
    }
    let suite = selected
        .iter()
        .flat_map(|backend| trials_of(backend, &selection));
    let more = more.into_iter().filter(|_| selection.is_everything());
    let trials = suite.chain(more).collect();
    libtest_mimic::run(&selection.arguments, trials).exit_code()
}
