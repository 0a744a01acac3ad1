//! What `run_app` costs: the example app in a component, beside the same written on
//! spin-sdk and axum alone. In one run, in the embedded host; the ratios count.
#![allow(clippy::unwrap_used, reason = "a benchmark may")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use edgezero_spin_host::SpinHost;
use edgezero_spin_host::component::{Features, build};
use futures_util::future::join_all;

const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_millis(500);
const AT_ONCE: usize = 16;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let bare = build(&support::workspace(), "visits-bare", Features::Default).unwrap();
    let ours = support::example_component().unwrap();
    let hosts = [&bare, ours].map(|component| host(component, &folder.path().join("kv.db")));

    println!(
        "{:<38} {:>12} {:>12} {:>8}",
        "requests per second", "bare", "run_app", "ratio"
    );
    for (name, method, path) in [
        ("a route without a store", "GET", "/hello"),
        ("a get", "GET", "/notes/a"),
        ("a put", "PUT", "/notes/a"),
    ] {
        for host in &hosts {
            round(host, "PUT", "/notes/a").await;
        }
        let mut rates = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            for (host, rates) in hosts.iter().zip(&mut rates) {
                rates.push(round(host, method, path).await);
            }
        }
        let [bare, ours] = rates.map(median);
        println!("{name:<38} {bare:>12.0} {ours:>12.0} {:>8.2}", ours / bare);
    }
    let [bare, ours] = [&bare, ours].map(|file| std::fs::metadata(file).unwrap().len());
    let ratio = ours as f64 / bare as f64;
    println!(
        "{:<38} {bare:>12} {ours:>12} {ratio:>8.2}",
        "size of the component, bytes"
    );
}

fn host(component: &Path, file: &Path) -> SpinHost {
    let mut host = SpinHost::builder(component);
    for label in ["visits", "notes", "app_config"] {
        host = host.key_value(label, file);
    }
    host.build().unwrap()
}

/// Requests answered per second, by one round of many at once.
async fn round(host: &SpinHost, method: &str, path: &str) -> f64 {
    let answered = AtomicU64::new(0);
    let started = Instant::now();
    join_all((0..AT_ONCE).map(|_| async {
        while started.elapsed() < ROUND {
            let request = http::Request::builder().method(method).uri(path);
            let answer = host
                .handle(request.body("x".into()).unwrap())
                .await
                .unwrap();
            assert!(answer.status().is_success(), "{}", answer.status());
            answered.fetch_add(1, Ordering::Relaxed);
        }
    }))
    .await;
    answered.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64()
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}
