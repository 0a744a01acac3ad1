//! Random sequences of operations on the mirror, on the component in the embedded
//! host, and on a model: the three agree on every answer and every error.
//!
//! `EDGEZERO_FULL_RUN` makes it ten times as many sequences. A sequence that fails
//! is shrunk, printed, and run first from then on: its seed is kept in `seeds/`.
//! The test starts this program again, as another process that uses the files.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod component;
mod files;
mod mirror;
mod model;
mod process;
mod rules;
mod sequence;
mod strategy;
#[path = "../support/mod.rs"]
mod support;
mod texts;
mod world;

use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use edgezero_store_traits::BoxError;
use libtest_mimic::{Arguments, Failed, Trial};
use proptest::test_runner::{Config, FileFailurePersistence, TestCaseError, TestError, TestRunner};
use tokio::runtime::Runtime;

use crate::component::{Component, Kind};
use crate::files::Files;
use crate::mirror::Mirror;
use crate::model::Caller;
use crate::process::{Other, Process};
use crate::sequence::{Actor, Sequence};
use crate::world::{Member, World};

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(process::MARKER) {
        return match process::serve() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("the other process ends: {error}");
                ExitCode::FAILURE
            }
        };
    }
    let trials = TESTS.map(|test| Trial::test(test.name, move || test.run()));
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}

/// Sequences to be run alike on each of some files.
#[derive(Clone, Copy)]
struct Test {
    name: &'static str,
    /// How many of them, if it is no full run.
    sequences: u32,
    who: Who,
    component: Kind,
    ttl: bool,
    seeds: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    /// The mirror and the other process on one file, the component and the other
    /// process on another.
    Apart,
    /// All of them on one file.
    Together,
}

macro_rules! seeds {
    ($name:literal) => {
        concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/model/seeds/",
            $name,
            ".txt"
        )
    };
}

const TESTS: [Test; 4] = [
    Test {
        name: "mirror_component_and_model_agree",
        sequences: 1000,
        who: Who::Apart,
        component: Kind::Default,
        ttl: false,
        seeds: seeds!("apart"),
    },
    Test {
        name: "mirror_component_without_wasi_keyvalue_and_model_agree",
        sequences: 250,
        who: Who::Apart,
        component: Kind::Stream,
        ttl: false,
        seeds: seeds!("apart-stream"),
    },
    Test {
        name: "mirror_and_component_agree_on_one_file",
        sequences: 500,
        who: Who::Together,
        component: Kind::Default,
        ttl: false,
        seeds: seeds!("together"),
    },
    Test {
        name: "mirror_with_ttl_and_component_agree_on_one_file",
        sequences: 250,
        who: Who::Together,
        component: Kind::Default,
        ttl: true,
        seeds: seeds!("together-ttl"),
    },
];

impl Test {
    fn run(self) -> Result<(), Failed> {
        let full = support::full_run::is_full_run();
        let config = Config {
            cases: if full {
                10 * self.sequences
            } else {
                self.sequences
            },
            failure_persistence: Some(Box::new(FileFailurePersistence::Direct(self.seeds))),
            max_shrink_iters: 4000,
            ..Config::default()
        };
        let actors = match self.who {
            Who::Apart => vec![(5, Actor::Mirror), (1, Actor::Process)],
            Who::Together => vec![
                (3, Actor::Mirror),
                (3, Actor::Component),
                (2, Actor::Process),
            ],
        };
        let sequences = strategy::sequences(actors, self.ttl);
        let runtime = Runtime::new()?;
        let with = With {
            files: runtime.block_on(Files::new(self.ttl))?,
            other: Arc::new(Mutex::new(Other::start()?)),
        };
        let check = |sequence: Sequence| {
            let checked = runtime.block_on(self.check(&sequence, &with));
            checked.map_err(|error| TestCaseError::fail(error.to_string()))
        };
        match TestRunner::new(config).run(&sequences, check) {
            Ok(()) => Ok(()),
            Err(TestError::Fail(reason, sequence)) => {
                Err(format!("{reason}\nin this sequence: {sequence}").into())
            }
            Err(abort) => Err(abort.to_string().into()),
        }
    }

    async fn check(self, sequence: &Sequence, with: &With) -> Result<(), BoxError> {
        match self.who {
            Who::Apart => {
                let actors = [Actor::Mirror, Actor::Process];
                self.check_on_a_file(sequence, &actors, with).await?;
                let actors = [Actor::Component, Actor::Process];
                let sequence = sequence.by_component();
                self.check_on_a_file(&sequence, &actors, with).await
            }
            Who::Together => {
                let actors = [Actor::Mirror, Actor::Component, Actor::Process];
                self.check_on_a_file(sequence, &actors, with).await
            }
        }
    }

    async fn check_on_a_file(
        self,
        sequence: &Sequence,
        actors: &[Actor],
        with: &With,
    ) -> Result<(), BoxError> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("kv.db");
        with.files.copy(sequence.maker, &path)?;
        let open = |actor: &Actor| self.open(*actor, &path, &with.other);
        let members: Result<Vec<Member>, _> = actors.iter().map(open).collect();
        World::new(members?).check(sequence).await
    }

    fn open(
        self,
        actor: Actor,
        path: &Path,
        other: &Arc<Mutex<Other>>,
    ) -> Result<Member, BoxError> {
        let mirror = Caller {
            actor,
            ttl: self.ttl,
            increment: true,
            compare_and_swap: true,
            transactions: true,
        };
        let wasi = self.component == Kind::Default;
        let component = Caller {
            actor,
            ttl: false,
            increment: wasi,
            compare_and_swap: wasi,
            transactions: false,
        };
        Ok(match actor {
            Actor::Mirror => (mirror, Box::new(Mirror::new(path, self.ttl)?)),
            Actor::Process => (mirror, Box::new(Process::new(other, path, self.ttl))),
            Actor::Component => (component, Box::new(Component::new(path, self.component)?)),
        })
    }
}

/// What all sequences of a test use.
struct With {
    files: Files,
    other: Arc<Mutex<Other>>,
}
