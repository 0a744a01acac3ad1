//! The table, and the same as JSON.

use std::env;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::goals::{Comparison, Goal, comparisons};
use crate::measure::{Bench, Measured, Unit};

pub(crate) fn report(bench: &Bench, is_quick: bool) {
    let lines: Vec<Line> = comparisons()
        .into_iter()
        .filter_map(|comparison| Line::of(bench, &comparison))
        .collect();
    println!();
    println!("| operation | ours | peer | ratio | goal |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    for line in &lines {
        println!("{}", line.markdown());
    }
    let results = bench.results.iter().map(|((operation, who), result)| {
        json!({ "operation": operation, "who": who, "result": result })
    });
    let json = json!({
        "quick": is_quick,
        "machine": machine(),
        "comparisons": lines.iter().map(Line::json).collect::<Vec<_>>(),
        "results": results.collect::<Vec<_>>(),
    });
    let file = target_folder().join("speed.json");
    fs::write(&file, format!("{json:#}\n")).unwrap();
    println!();
    println!("The same as JSON is in {}.", file.display());
}

/// The target folder that cargo built this program in: `release/deps` is below it.
fn target_folder() -> PathBuf {
    let program = env::current_exe().unwrap();
    program.ancestors().nth(3).unwrap().to_owned()
}

struct Line {
    ours: Measured,
    peer: Measured,
    results: [f64; 2],
    goal: Goal,
}

impl Line {
    /// Nothing, where one of the two was not measured.
    fn of(bench: &Bench, comparison: &Comparison) -> Option<Self> {
        let Comparison { ours, peer, goal } = *comparison;
        let results = [*bench.results.get(&ours)?, *bench.results.get(&peer)?];
        Some(Self {
            ours,
            peer,
            results,
            goal,
        })
    }

    fn ratio(&self) -> f64 {
        let [ours, peer] = self.results;
        match (self.goal, Unit::of(self.ours.0)) {
            (Goal::Within(_), _) | (_, Unit::Count) => ours / peer,
            (Goal::Faster(_) | Goal::None, _) => peer / ours,
        }
    }

    fn peer(&self) -> String {
        let (operation, who) = self.peer;
        if operation == self.ours.0 {
            who.to_owned()
        } else {
            format!("{who}, {operation}")
        }
    }

    fn goal(&self) -> String {
        match self.goal {
            Goal::Faster(times) => format!("≥ {times}"),
            Goal::Within(times) => format!("≤ {times}"),
            Goal::None => String::new(),
        }
    }

    fn is_reached(&self) -> Option<bool> {
        match self.goal {
            Goal::Faster(times) => Some(self.ratio() >= times),
            Goal::Within(times) => Some(self.ratio() <= times),
            Goal::None => None,
        }
    }

    fn markdown(&self) -> String {
        let [ours, peer] = self.results.map(|result| self.shown(result));
        let ours = match self.ours.1 {
            "ours" => ours,
            who => format!("{who}: {ours}"),
        };
        let ratio = match self.ratio() {
            ratio @ ..100.0 => format!("{ratio:.2}"),
            ratio => format!("{ratio:.0}"),
        };
        let missed = if self.is_reached() == Some(false) {
            ", missed"
        } else {
            ""
        };
        format!(
            "| {} | {ours} | {}: {peer} | {ratio} | {}{missed} |",
            self.ours.0,
            self.peer(),
            self.goal(),
        )
    }

    fn shown(&self, result: f64) -> String {
        match (Unit::of(self.ours.0), result) {
            (Unit::Bytes, _) => format!("{:.1} MiB", result / 1024.0 / 1024.0),
            (Unit::Count, _) => format!("{result:.0}"),
            (Unit::Nanoseconds, ..1e3) => format!("{result:.0} ns"),
            (Unit::Nanoseconds, ..1e6) => format!("{:.2} µs", result / 1e3),
            (Unit::Nanoseconds, _) => format!("{:.2} ms", result / 1e6),
        }
    }

    fn json(&self) -> Value {
        json!({
            "operation": self.ours.0,
            "who": self.ours.1,
            "ours": self.results[0],
            "peer": self.peer(),
            "peers": self.results[1],
            "ratio": self.ratio(),
            "goal": self.goal(),
            "reached": self.is_reached(),
        })
    }
}

/// What the figures were measured on.
fn machine() -> Value {
    let read = |file| fs::read_to_string(file).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let cpu = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let memory = read("/proc/meminfo");
    let memory = memory.lines().next().and_then(|line| line.split_once(':'));
    json!({
        "cpu": cpu.map(|(_, model)| model.trim()),
        "threads": std::thread::available_parallelism().ok().map(usize::from),
        "memory": memory.map(|(_, size)| size.trim()),
        "kernel": read("/proc/sys/kernel/osrelease").trim(),
    })
}
