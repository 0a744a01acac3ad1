//! The most memory that a process took, which is why each store gets one.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use crate::data::{self, Files, LARGE};
use crate::measure::Bench;
use crate::peers::{Load, Ours, ROUND, Redb, many_tasks};

pub(crate) const PEAK: &str = "peak memory, 1,000,000 keys, 95 gets to 5 puts";

/// Whose memory a child measures, in which file, in how many rounds.
const WHO: &str = "EDGEZERO_SPEED_MEMORY_OF";
const FILE: &str = "EDGEZERO_SPEED_FILE";
const ROUNDS: &str = "EDGEZERO_SPEED_ROUNDS";

pub(crate) fn is_child() -> bool {
    env::var_os(WHO).is_some()
}

/// Runs the load and prints the most memory that this process ever had, in KiB.
pub(crate) fn child() {
    let file = PathBuf::from(env::var_os(FILE).unwrap());
    let rounds = env::var(ROUNDS).unwrap().parse().unwrap();
    let keys = data::zipf(LARGE);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    match env::var(WHO).unwrap().as_str() {
        "ours" => {
            let store = Arc::new(Ours::open(&file));
            many_tasks(&runtime, &store, &keys, Load::Mixed, rounds);
        }
        "redb" => {
            let store = Arc::new(Redb::open(&file));
            many_tasks(&runtime, &store, &keys, Load::Mixed, rounds);
        }
        other => panic!("no such store: {other}"),
    }
    println!("{}", peak_kib());
}

fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    peak.trim().trim_end_matches(" kB").parse().unwrap()
}

pub(crate) fn measure(bench: &mut Bench, files: &Files, is_quick: bool) {
    if !bench.runs(PEAK) {
        return;
    }
    let rounds = if is_quick { 20 } else { 200 };
    eprintln!("{PEAK}: {} operations", rounds * ROUND);
    for (who, file) in [("ours", files.of(LARGE)), ("redb", files.redb())] {
        bench
            .results
            .insert((PEAK, who), peak_of(who, &file, rounds));
    }
}

/// In bytes.
fn peak_of(who: &str, file: &Path, rounds: usize) -> f64 {
    let child = Command::new(env::current_exe().unwrap())
        .env(WHO, who)
        .env(FILE, file)
        .env(ROUNDS, rounds.to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{said}");
    let peak = String::from_utf8(child.stdout).unwrap();
    peak.trim().parse::<f64>().unwrap() * 1024.0
}
