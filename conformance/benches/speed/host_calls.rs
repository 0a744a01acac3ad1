//! How many calls into Spin's host an operation takes, on SQLite, in an instance that has
//! found out what it has to know.

use edgezero_spin_host::SpinHost;

use crate::data::LABEL;
use crate::measure::Bench;
use crate::support::{call, host};

pub(crate) const GET: &str = "host calls of a get";
pub(crate) const PUT: &str = "host calls of a put";
pub(crate) const PAGE: &str = "host calls of a page";
pub(crate) const INCREMENT: &str = "host calls of an increment";
pub(crate) const UPDATE: &str = "host calls of an update";
pub(crate) const CREATION: &str = "host calls of an update that creates its key";

/// The operation, its path in the guest, its key and the most calls that it may take.
const ROWS: [(&str, &str, &str, usize); 6] = [
    (GET, "get", "update", 1),
    (PUT, "put", "put", 1),
    (PAGE, "page", "", 1),
    (INCREMENT, "increment", "counter", 2),
    (UPDATE, "update", "update", 3),
    (CREATION, "update", "new", 8),
];

/// The two calls that open the store in each request.
const OPENING: u64 = 2;

pub(crate) fn measure(bench: &mut Bench) {
    if !ROWS.iter().any(|(what, ..)| bench.runs(what)) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let host = host(&folder.path().join("kv.db")).unwrap();
    let host = host.requests_per_instance(usize::MAX).build().unwrap();
    let counted = bench.runtime.block_on(async {
        // The instance finds out what the platform does, and each of the tickets for a
        // creation is there from then on. A page lists 1,000 keys at most.
        for n in 0..900 {
            cost(&host, "update", &format!("before {n}")).await;
        }
        for key in ["update", "counter"] {
            let operation = if key == "counter" { "increment" } else { key };
            cost(&host, operation, key).await;
        }
        let mut counted = Vec::new();
        for (what, operation, key, most) in ROWS {
            counted.push((what, cost(&host, operation, key).await, most));
        }
        counted
    });
    for (what, calls, most) in counted {
        if bench.runs(what) {
            bench.count((what, "ours"), calls);
            bench.count((what, "the limit"), most);
        }
    }
}

async fn cost(host: &SpinHost, operation: &str, key: &str) -> usize {
    let before = host.calls().total();
    let query = [("label", LABEL), ("key", key)];
    let answer = call(host, &format!("/kv/{operation}"), &query, "7").await;
    let text = String::from_utf8_lossy(answer.body());
    assert_eq!(answer.status(), 200, "{operation}: {text}");
    usize::try_from(host.calls().total() - before - OPENING).unwrap()
}
