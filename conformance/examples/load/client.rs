//! Requests to the guest, on 16 connections at once.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

pub(crate) const CONNECTIONS: usize = 16;

/// What Spin answered for one key.
#[derive(Default)]
pub(crate) struct Answers {
    pub(crate) ok: AtomicU32,
    pub(crate) unavailable: AtomicU32,
    pub(crate) other: AtomicU32,
}

impl Answers {
    fn count(&self, status: u16) {
        let answer = match status {
            200 => &self.ok,
            503 => &self.unavailable,
            _ => &self.other,
        };
        answer.fetch_add(1, Ordering::Relaxed);
    }
}

pub(crate) fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(60)))
        .http_status_as_error(false)
        .build()
        .into()
}

/// One call of the guest; its status and its body.
pub(crate) fn call(agent: &ureq::Agent, url: &str, path: &str, key: &str) -> (u16, String) {
    let request = agent.post(format!("{url}{path}?label=default&key={key}"));
    match request.send_empty() {
        Ok(mut response) => {
            let status = response.status().as_u16();
            let body = response.body_mut().read_to_string().unwrap_or_default();
            (status, body)
        }
        Err(error) => (0, error.to_string()),
    }
}

/// Each connection calls `path` once for each of `keys` in turn, `times` over.
pub(crate) fn load(url: &str, path: &str, keys: &[String], times: usize) -> Vec<Answers> {
    let answers: Vec<_> = keys.iter().map(|_| Answers::default()).collect();
    thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let agent = agent();
                for _ in 0..times {
                    for (key, answers) in keys.iter().zip(&answers) {
                        answers.count(call(&agent, url, path, key).0);
                    }
                }
            });
        }
    });
    answers
}
