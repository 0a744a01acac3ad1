//! The Spin adapter in a component, beside spin-sdk's and the host's own calls, in
//! the embedded host. The component measures itself: see the guest's `measure.rs`.

use std::path::Path;
use std::time::Duration;

use edgezero_spin_host::{Call, SpinHost, SpinHostBuilder};
use futures_util::future::join_all;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::data::{Files, LABEL, LARGE, SMALL};
use crate::measure::{Bench, Measured, Side, Turn};
use crate::support::{call, host, stream_host};

pub(crate) const GET: &str = "get in the component";
pub(crate) const PUT: &str = "put in the component";
pub(crate) const GET_100: &str = "100 gets in the component";
pub(crate) const PUT_1000: &str = "1,000 puts in the component";
pub(crate) const PAGE_SMALL: &str = "page of 100 out of 1,000 keys in the component";
pub(crate) const PAGE_LARGE: &str = "page of 100 out of 100,000 keys in the component";
pub(crate) const PAGE_STREAM: &str = "page of 100 out of 100,000 keys in the component by stream";
pub(crate) const MEMORY: &str = "growth of memory, page of 100 out of 1,000,000 keys by stream";
pub(crate) const KEYS_READ: &str = "keys read of 1,000,000 with a cap of 1,000, by stream";
pub(crate) const COUNTED: &str = "counted of 1,600 in 16 requests";

pub(crate) fn measure(bench: &mut Bench, files: &Files) {
    single_keys(bench);
    batches(bench, files);
    pages(bench, PAGE_SMALL, &files.of(SMALL));
    pages(bench, PAGE_LARGE, &files.of(100_000));
    page_by_stream(bench, &files.of(100_000));
    by_stream(bench, &files.of(LARGE));
    counters(bench);
}

/// In the host's memory, where a call costs least beside what is measured.
fn single_keys(bench: &mut Bench) {
    let host = started(host(Path::new("")).unwrap().key_value_in_memory(LABEL));
    // Those that are asked for are there.
    bench.runtime.block_on(ask(&host, "put", 1000));
    for (operation, ours, bare) in [(GET, "get", "bare/get"), (PUT, "put", "bare/put")] {
        let thousands = |who, what| side(&host, (operation, who), what, 1000, 1000);
        bench.measure_in_turn(
            Turn::Short,
            [thousands("ours", ours), thousands("bare spin-sdk", bare)],
        );
    }
}

fn batches(bench: &mut Bench, files: &Files) {
    let host = started(host(&files.copy(SMALL, "component-batches.db")).unwrap());
    bench.runtime.block_on(ask(&host, "put-many", 1000));
    bench.measure_in_turn(
        Turn::Short,
        [
            side(&host, (GET_100, "get_many"), "get-many", 100, 1),
            side(&host, (GET_100, "one by one"), "get", 100, 1),
        ],
    );
    bench.measure_in_turn(
        Turn::Short,
        [
            side(&host, (PUT_1000, "put_many"), "put-many", 1000, 1),
            side(&host, (PUT_1000, "one by one"), "put", 1000, 1),
        ],
    );
}

fn pages(bench: &mut Bench, operation: &'static str, file: &Path) {
    let host = started(host(file).unwrap());
    bench.measure_in_turn(
        Turn::Short,
        [
            side(&host, (operation, "ours"), "page", 1, 1),
            side(&host, (operation, "bare list-keys"), "bare/list", 1, 1),
            side(&host, (operation, "spin-sdk's stream"), "bare/stream", 1, 1),
        ],
    );
}

fn page_by_stream(bench: &mut Bench, file: &Path) {
    let host = started(stream_host(file).unwrap());
    bench.measure_in_turn(
        Turn::Short,
        [
            side(&host, (PAGE_STREAM, "ours"), "page", 1, 1),
            side(
                &host,
                (PAGE_STREAM, "spin-sdk's stream"),
                "bare/stream",
                1,
                1,
            ),
        ],
    );
}

/// What the component without `wasi:keyvalue` takes of a large store, beside what it
/// may take.
fn by_stream(bench: &mut Bench, file: &Path) {
    if bench.runs(MEMORY) {
        let host = started(stream_host(file).unwrap());
        let growth = bench.runtime.block_on(async {
            call(&host, "/kv/exists", &[("label", LABEL), ("key", "x")], "").await;
            let before = host.memory();
            page(&host, "0", 200).await;
            host.memory() - before
        });
        bench.count((MEMORY, "ours"), growth);
        bench.count((MEMORY, "the limit"), 2 * 1024 * 1024);
    }
    if bench.runs(KEYS_READ) {
        let host = started(stream_host(file).unwrap());
        bench.runtime.block_on(page(&host, "1000", 503));
        let read = usize::try_from(host.calls().count(Call::Key)).unwrap();
        bench.count((KEYS_READ, "ours"), read);
        bench.count((KEYS_READ, "the limit"), 1001);
    }
}

/// Takes a page with this cap, and expects that status.
async fn page(host: &SpinHost, max_list_keys: &str, status: u16) {
    let query = [
        ("label", LABEL),
        ("limit", "100"),
        ("max_list_keys", max_list_keys),
    ];
    let answer = call(host, "/kv/page", &query, "").await;
    let text = String::from_utf8_lossy(answer.body());
    assert_eq!(answer.status(), status, "{text}");
}

/// What is left of 1,600 visits, in 16 requests at once.
fn counters(bench: &mut Bench) {
    if !bench.runs(COUNTED) {
        return;
    }
    let host = started(host(Path::new("")).unwrap().key_value_in_memory(LABEL));
    for (who, operation) in [
        ("get and put", "not-atomic"),
        ("update", "update"),
        ("increment", "increment"),
    ] {
        let counted = bench.runtime.block_on(count(&host, operation));
        bench.count((COUNTED, who), counted);
    }
}

async fn count(host: &SpinHost, operation: &str) -> usize {
    let query = [("label", LABEL), ("key", operation), ("times", "100")];
    let path = format!("/kv/{operation}");
    for answer in join_all((0..16).map(|_| call(host, &path, &query, ""))).await {
        let text = String::from_utf8_lossy(answer.body());
        assert_eq!(answer.status(), 200, "{operation}: {text}");
    }
    let stored = call(host, "/kv/get", &query, "").await;
    if operation == "increment" {
        let count = <[u8; 8]>::try_from(&stored.body()[..]).unwrap();
        return usize::try_from(i64::from_le_bytes(count)).unwrap();
    }
    let count: Value = serde_json::from_slice(stored.body()).unwrap();
    usize::try_from(count.as_u64().unwrap()).unwrap()
}

fn started(host: SpinHostBuilder) -> SpinHost {
    host.build().unwrap()
}

/// Has the component measure `what`: `count` keys a round, or as many rounds as a
/// page has none. Its result is that of one of `operations`.
fn side<'a>(
    host: &'a SpinHost,
    measured: Measured,
    what: &'a str,
    count: u64,
    operations: usize,
) -> Side<'a> {
    Side {
        what: measured,
        operations,
        run: Box::new(move |runtime: &Runtime, rounds| {
            let mut taken = Duration::ZERO;
            for _ in 0..rounds {
                taken += runtime.block_on(ask(host, what, count));
            }
            taken
        }),
    }
}

async fn ask(host: &SpinHost, what: &str, count: u64) -> Duration {
    let query = [("label", LABEL), ("count", &count.to_string())];
    let answer = call(host, &format!("/measure/{what}"), &query, "").await;
    let text = String::from_utf8_lossy(answer.body());
    assert_eq!(answer.status(), 200, "{what}: {text}");
    Duration::from_nanos(text.parse().unwrap())
}
