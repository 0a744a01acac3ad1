//! A writer that is killed at random moments loses nothing that it acknowledged and
//! leaves nothing by half.
//!
//! The test starts this program again, as the writer.
#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "../support/mod.rs"]
mod support;

mod kept;
mod writer;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use fastrand::Rng;
use libtest_mimic::{Arguments, Trial};
use tempfile::TempDir;

use self::kept::Kept;
use crate::support::{JOURNALS, Process, assert_whole, is_full_run, prepare, seed};

/// How often the writer is killed in a full run.
const KILLS: usize = 200;
/// How often at least.
const FEWEST_KILLS: usize = 12;
/// How long the test goes on beyond that when it is no full run.
const TIME: Duration = Duration::from_secs(12);
/// How many writers, one after the other, have one file; the first makes it.
const KILLS_A_FILE: usize = 10;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().collect();
    if let [_, marker, path, kept, seed] = &arguments[..]
        && marker == writer::MARKER
    {
        writer::run(Path::new(path), &kept.parse().unwrap(), seed);
        return ExitCode::SUCCESS;
    }
    let trials = JOURNALS.map(|journal| {
        let name = format!("nothing_acknowledged_is_lost_and_nothing_left_by_half::{journal}");
        Trial::test(name, move || {
            let seed = seed();
            println!("{journal}: EDGEZERO_SEED={seed}");
            kill_again_and_again(journal, &mut Rng::with_seed(seed));
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}

fn kill_again_and_again(journal: &str, random: &mut Rng) {
    let began = Instant::now();
    let mut file = File::new(journal);
    let mut tally = Tally::default();
    let is_enough = |kills| {
        kills >= KILLS || (!is_full_run() && kills >= FEWEST_KILLS && began.elapsed() > TIME)
    };
    for kill in 0.. {
        if is_enough(kill) {
            break;
        }
        if kill % KILLS_A_FILE == 0 {
            file = File::new(journal);
        }
        // Half of them around the opening, where a new file is made; the others
        // among the writes, and some when there is a long log to be brought back.
        let longest = match random.u8(..8) {
            0..4 => 15_000,
            4..7 => 200_000,
            _ => 3_000_000,
        };
        let alive = Duration::from_micros(random.u64(..longest));
        file.write_and_kill(alive, random.u64(..), &mut tally);
    }
    println!("{journal}: {tally:?} in {:?}", began.elapsed());
    assert!(tally.acknowledged > 0, "no writer came to write");
}

/// What the kills met.
#[derive(Debug, Default)]
#[allow(dead_code, reason = "to be printed")]
struct Tally {
    kills: usize,
    /// Writes that had returned.
    acknowledged: u64,
    /// Kills before the file was made.
    without_file: usize,
    /// Kills after the file was there and before the first write had returned.
    before_first_write: usize,
    /// Kills that left a log, or a journal to be rolled back.
    left_log: usize,
    /// Kills after the log was brought back at least in part.
    after_checkpoint: usize,
    /// Writes that were there although the writer did not come to acknowledge them.
    whole_though_not_acknowledged: usize,
}

struct File {
    _folder: TempDir,
    path: PathBuf,
    kept: Kept,
}

impl File {
    fn new(journal: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kv.db");
        prepare(&path, journal);
        Self {
            _folder: folder,
            path,
            kept: Kept::default(),
        }
    }

    fn write_and_kill(&mut self, alive: Duration, seed: u64, tally: &mut Tally) {
        let before = self.written_at();
        let mut writer = Process::start_self(&[
            writer::MARKER,
            self.path.to_str().unwrap(),
            &self.kept.to_string(),
            &seed.to_string(),
        ]);
        std::thread::sleep(alive);
        let written = writer.kill();
        assert!(writer.was_killed(), "the writer failed");

        let acknowledged = self.kept.acknowledge(&written);
        tally.kills += 1;
        tally.acknowledged += acknowledged;
        let log = fs::metadata(self.path.with_extension("db-wal"));
        let journal = fs::metadata(self.path.with_extension("db-journal"));
        tally.left_log += usize::from(log.or(journal).is_ok_and(|left| left.len() > 0));
        tally.after_checkpoint += usize::from(before.is_some() && self.written_at() != before);
        if !self.path.exists() {
            tally.without_file += 1;
            assert_eq!(acknowledged, 0, "writes are in no file");
            return;
        }
        tally.before_first_write += usize::from(acknowledged == 0);
        assert_whole(&self.path);
        tally.whole_though_not_acknowledged += self.kept.compare(&self.path);
    }

    fn written_at(&self) -> Option<SystemTime> {
        fs::metadata(&self.path).ok()?.modified().ok()
    }
}
