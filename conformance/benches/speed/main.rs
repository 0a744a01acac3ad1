//! How fast the mirror is beside what a user would otherwise take: SQLite itself,
//! SQLite behind a mutex, and redb. (The component is measured by the bench `spin`.)
//!
//! ```text
//! cargo bench -p conformance --bench speed                all of it
//! cargo bench -p conformance --bench speed -- --quick     roughly, within 3 minutes
//! cargo bench -p conformance --bench speed -- put         what has "put" in its name
//! ```
//!
//! Both sides of a ratio are measured in one run on the same data. The table is
//! printed and written as JSON to `target/speed.json`.
#![allow(clippy::unwrap_used, reason = "a benchmark may")]

mod data;
mod goals;
mod listing;
mod measure;
mod memory;
mod opening;
mod peers;
mod reads;
mod report;
mod writes;

use std::env;

use criterion::Criterion;

use data::Files;
use measure::Bench;

fn main() {
    if memory::is_child() {
        return memory::child();
    }
    let is_quick = env::args().any(|argument| argument == "--quick");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(2)
        .build()
        .unwrap();
    let mut bench = Bench::new(Criterion::default().configure_from_args(), runtime);
    let files = Files::make();

    opening::measure(&mut bench, &files);
    reads::measure(&mut bench, &files);
    listing::measure(&mut bench, &files);
    writes::measure(&mut bench, &files);
    memory::measure(&mut bench, &files, is_quick);

    report::report(&bench, is_quick);
}
