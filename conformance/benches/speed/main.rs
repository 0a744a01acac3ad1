//! How fast the mirror is beside what a user would otherwise take: SQLite itself,
//! SQLite behind a mutex, and redb; and the Spin adapter, in a component, beside
//! spin-sdk's and the host's own calls.
//!
//! ```text
//! cargo bench -p conformance --bench speed                all of it
//! cargo bench -p conformance --bench speed -- --quick     roughly, within 3 minutes
//! cargo bench -p conformance --bench speed -- put         what has "put" in its name
//! ```
//!
//! Both sides of a ratio are measured in one run on the same data. The table is
//! printed, and written as JSON to `speed.json` in cargo's target folder.
#![allow(clippy::unwrap_used, reason = "a benchmark may")]

mod component;
mod data;
mod goals;
mod host_calls;
mod listing;
mod measure;
mod memory;
mod opening;
mod peers;
mod reads;
mod report;
#[path = "../../tests/support/mod.rs"]
mod support;
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
    let criterion = Criterion::default().configure_from_args();
    let mut bench = Bench::new(criterion, runtime, is_quick);
    let files = Files::new();

    opening::measure(&mut bench, &files);
    reads::measure(&mut bench, &files);
    listing::measure(&mut bench, &files);
    writes::measure(&mut bench, &files);
    component::measure(&mut bench, &files);
    host_calls::measure(&mut bench);
    memory::measure(&mut bench, &files, is_quick);

    report::report(&bench, is_quick);
}
