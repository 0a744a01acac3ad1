//! The same scripts on this host and under a real `spin up`, where `EDGEZERO_SPIN_BIN`
//! names its program. Without the variable there are no such tests.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod scripts;
mod spin;

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use edgezero_spin_host::component::{self, Features};
use edgezero_spin_host::{RedisServer, SpinHost};
use http::Request;
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use scripts::Script;
use spin::SpinUp;

const PROGRAM: &str = "EDGEZERO_SPIN_BIN";

/// What each step of a script came to, or `None` where there was no answer.
type Answers = Option<Vec<String>>;

static GUEST: LazyLock<PathBuf> = LazyLock::new(|| {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    component::build(&workspace, "conformance-guest", Features::Default)
        .unwrap_or_else(|error| panic!("{error}"))
});

/// Spin, and the Redis that it uses; one script at a time.
struct Real {
    spin: SpinUp,
    redis: RedisServer,
}

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    if let Some(program) = std::env::var_os(PROGRAM) {
        let program = Arc::new(PathBuf::from(program));
        let real = Arc::new(Mutex::new(None));
        let scripts = scripts::on_sqlite().into_iter().chain(scripts::on_redis());
        for script in scripts {
            let (program, real) = (program.clone(), real.clone());
            let name = format!("{}::{}", script.label, script.name);
            trials.push(Trial::test(name, move || {
                let mut real = real.lock().unwrap_or_else(PoisonError::into_inner);
                compare(&script, real.get_or_insert_with(|| start(&program)))
            }));
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn start(program: &Path) -> Real {
    let redis = RedisServer::start().unwrap_or_else(|error| panic!("{error}"));
    let spin = SpinUp::start(program, &GUEST, &redis.url(0));
    Real { spin, redis }
}

fn compare(script: &Script, real: &Real) -> Result<(), Failed> {
    // Another database than Spin's.
    let host = SpinHost::builder(GUEST.as_path())
        .key_value_in_memory("sqlite")
        .key_value_in_memory("poisoned")
        .redis("redis", &real.redis.url(1))
        .requests_per_instance(1)
        .build()?;
    for steps in &script.requests {
        let steps = with_label(steps, script.label);
        let here = here(&host, &steps);
        let there = real.spin.run(&steps);
        if here != there {
            let text = format!("{steps}\nhere:  {here:?}\nthere: {there:?}");
            return Err(text.into());
        }
    }
    Ok(())
}

/// The script's steps, after those that open the label.
fn with_label(steps: &Value, label: &str) -> Value {
    let mut all = vec![
        json!({"do": "open", "label": label}),
        json!({"do": "open-bucket", "label": label}),
    ];
    all.extend(steps.as_array().unwrap().iter().cloned());
    all.into()
}

fn here(host: &SpinHost, steps: &Value) -> Answers {
    let request = Request::post("/bare").body(steps.to_string().into());
    let handled = Runtime::new()
        .unwrap()
        .block_on(host.handle(request.unwrap()));
    let answer = handled.ok()?;
    Some(serde_json::from_slice(answer.body()).unwrap())
}
