//! The runs, and what each of them must show.

use std::sync::atomic::Ordering;
use std::time::Instant;

use super::client::{Answers, CONNECTIONS, agent, call, load};
use super::support::spin_up::SpinUp;
use super::writer::Writer;

/// How many new keys a run has.
pub(crate) const KEYS: usize = 1000;

pub(crate) const HEADER: &str = "run                                              answered  counted  lost  \
                                 wrong keys  503  other  seconds";

/// The most answers of 503, one in so many.
const UNAVAILABLE: u32 = 1000;

pub(crate) fn on_sqlite(spin: &SpinUp) -> bool {
    let mut good = true;
    for operation in ["update", "increment"] {
        let new = keys(&format!("{operation} "), KEYS);
        good &= run(spin, "sqlite", operation, "1,000 new keys", &new, 1, None);
        let hot = keys(&format!("{operation} hot "), 1);
        good &= run(spin, "sqlite", operation, "one hot key", &hot, 250, None);
    }
    let prefix = "beside%20a%20process%20";
    let new = keys(prefix, KEYS);
    let writer = Writer::start(&spin.file("default"), "beside a process ");
    good &= run(
        spin,
        "sqlite",
        "update",
        "1,000 new keys, beside a process",
        &new,
        1,
        Some(writer),
    );
    good
}

pub(crate) fn on_redis(spin: &SpinUp) -> bool {
    let new = keys("increment ", KEYS);
    let mut good = run(spin, "redis", "increment", "1,000 new keys", &new, 1, None);
    let hot = keys("hot ", 1);
    good &= run(spin, "redis", "increment", "one hot key", &hot, 250, None);

    let agent = agent();
    let put = agent.post(format!("{}/kv/put?label=default&key=stays", spin.url()));
    assert_eq!(put.send("7").unwrap().status().as_u16(), 200);
    let (status, _) = call(&agent, spin.url(), "/kv/update", "stays");
    let (_, stored) = call(&agent, spin.url(), "/kv/get", "stays");
    println!("redis: an update is answered {status}, and the value 7 is afterwards {stored}");
    good && status == 501 && stored == "7"
}

fn keys(prefix: &str, count: usize) -> Vec<String> {
    let prefix = prefix.replace(' ', "%20");
    (0..count).map(|n| format!("{prefix}{n:04}")).collect()
}

/// Runs one operation on all connections and compares the counts with the answers.
fn run(
    spin: &SpinUp,
    platform: &str,
    operation: &str,
    what: &str,
    keys: &[String],
    times: usize,
    writer: Option<Writer>,
) -> bool {
    let began = Instant::now();
    let answers = load(spin.url(), &format!("/kv/{operation}"), keys, times);
    let beside = writer.map_or_else(|| vec![0; keys.len()], Writer::end);
    let seconds = began.elapsed().as_secs_f64();

    let of = |count: fn(&Answers) -> &std::sync::atomic::AtomicU32| -> u32 {
        answers
            .iter()
            .map(|answers| count(answers).load(Ordering::Relaxed))
            .sum()
    };
    let (ok, unavailable) = (of(|a| &a.ok), of(|a| &a.unavailable));
    let other = of(|a| &a.other);
    let (mut counted, mut lost, mut wrong) = (0, 0, 0);
    let agent = agent();
    for ((key, answers), beside) in keys.iter().zip(&answers).zip(&beside) {
        let expected = answers.ok.load(Ordering::Relaxed) + beside;
        let stored = stored(&agent, spin, operation, key);
        counted += stored;
        lost += expected.saturating_sub(stored);
        wrong += u32::from(stored != expected);
    }
    let answered = ok + beside.iter().sum::<u32>();
    println!(
        "{:<48} {answered:>8} {counted:>8} {lost:>5} {wrong:>11} {unavailable:>4} {other:>6} {seconds:>8.1}",
        format!("{platform}: {operation}, {what}")
    );
    let asked = u32::try_from(CONNECTIONS * times * keys.len()).unwrap_or(u32::MAX);
    lost == 0 && wrong == 0 && other == 0 && unavailable <= asked / UNAVAILABLE
}

/// The count under the key.
fn stored(agent: &ureq::Agent, spin: &SpinUp, operation: &str, key: &str) -> u32 {
    // An increment of 0 times answers 0; the counter is read by the adapter.
    let path = match operation {
        "increment" => "/kv/counter",
        _ => "/kv/get",
    };
    let (_, body) = call(agent, spin.url(), path, key);
    body.trim().parse().unwrap_or(0)
}
