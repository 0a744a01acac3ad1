//! What the Spin adapter's batch calls and listings cost beside the calls that they
//! replace, and what a counter loses: in the component, in the embedded host.
//!
//! Both sides of a row are measured in turn in one run, in the component itself; the
//! ratio of their medians is what counts, not the times.
#![allow(clippy::unwrap_used, reason = "a benchmark may")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::path::Path;

use edgezero_spin_host::SpinHost;
use futures_util::future::join_all;
use rusqlite::Connection;
use serde_json::Value;

use support::{call, host, make_table, stream_host};

/// How often each side is measured; odd, for a median.
const ROUNDS: usize = 11;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let small = folder.path().join("1000.db");
    let large = folder.path().join("100000.db");
    let default = host(&small).unwrap().build().unwrap();
    let stream = stream_host(&small).unwrap().build().unwrap();
    let default_large = host(&large).unwrap().build().unwrap();
    let stream_large = stream_host(&large).unwrap().build().unwrap();
    make_table(&default).await;
    make_table(&default_large).await;
    fill(&small, 1000);
    fill(&large, 100_000);

    println!(
        "{:<38} {:>12} {:>12} {:>8}",
        "one by one, stream / at once, list", "former", "latter", "ratio"
    );
    let rows: [(&str, Side, Side, &str); 4] = [
        (
            "100 gets / one get_many",
            (&default, "get"),
            (&default, "get-many"),
            "100",
        ),
        (
            "1,000 puts / one put_many",
            (&default, "put"),
            (&default, "put-many"),
            "1000",
        ),
        (
            "page of 1,000 keys, stream / list",
            (&stream, "page"),
            (&default, "page"),
            "0",
        ),
        (
            "page of 100,000 keys, stream / list",
            (&stream_large, "page"),
            (&default_large, "page"),
            "0",
        ),
    ];
    for (name, former, latter, count) in rows {
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            times[0].push(measure(former, count).await);
            times[1].push(measure(latter, count).await);
        }
        let [former, latter] = times.map(median);
        println!(
            "{name:<38} {:>9.3} ms {:>9.3} ms {:>7.1}x",
            former / 1e6,
            latter / 1e6,
            former / latter
        );
    }

    println!();
    println!(
        "{:<38} {:>12} {:>12}",
        "counter, 16 requests at once", "answered", "counted"
    );
    for (name, operation) in [
        ("get and put", "not-atomic"),
        ("update (compare and swap)", "update"),
        ("increment", "increment"),
    ] {
        let (answered, counted) = count(&default, operation).await;
        println!("{name:<38} {answered:>12} {counted:>12}");
    }
}

/// A host, and what its component is to measure.
type Side<'a> = (&'a SpinHost, &'a str);

async fn measure((host, what): Side<'_>, count: &str) -> f64 {
    let query = [("label", "default"), ("count", count)];
    let answer = call(host, &format!("/measure/{what}"), &query, "").await;
    let text = String::from_utf8_lossy(answer.body());
    assert_eq!(answer.status(), 200, "{what}: {text}");
    text.parse().unwrap()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Counts in 16 requests at once, 100 times each; what was answered, and what the
/// counter says.
async fn count(host: &SpinHost, operation: &str) -> (i64, i64) {
    let query = [("label", "default"), ("key", operation), ("times", "100")];
    let path = format!("/kv/{operation}");
    let answers = join_all((0..16).map(|_| call(host, &path, &query, ""))).await;
    let answered = answers.iter().filter(|answer| answer.status() == 200);
    let answered = i64::try_from(answered.count() * 100).unwrap();
    let stored = call(host, "/kv/get", &query, "").await;
    let counted = match <[u8; 8]>::try_from(&stored.body()[..]) {
        Ok(bytes) if operation == "increment" => i64::from_le_bytes(bytes),
        _ => serde_json::from_slice::<Value>(stored.body())
            .unwrap()
            .as_i64()
            .unwrap(),
    };
    (answered, counted)
}

/// Keys of 32 bytes with values of 100.
fn fill(file: &Path, keys: usize) {
    let mut connection = Connection::open(file).unwrap();
    let transaction = connection.transaction().unwrap();
    for n in 0..keys {
        transaction
            .execute(
                "INSERT INTO spin_key_value VALUES ('default', ?1, zeroblob(100))",
                [format!("{n:032}")],
            )
            .unwrap();
    }
    transaction.commit().unwrap();
}
