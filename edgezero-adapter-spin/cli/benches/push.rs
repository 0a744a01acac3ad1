//! What a push of 10,000 keys takes beside `sqlite3` that runs the same inserts in one
//! transaction from a file, as whole processes, in turn and in one run.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may")]

use std::fmt::Write;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const KEYS: usize = 10_000;
const ROUNDS: usize = 11;

fn time(command: &mut Command) -> Duration {
    let started = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    let took = started.elapsed();
    assert!(status.unwrap().success(), "{command:?} failed");
    took
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "edgezero.toml",
        "[app]\nname = \"shop\"\n[stores.config]\nids = [\"default\"]\n[adapters.spin.adapter]\n\
         crate = \"spin\"\n",
    );
    write(
        "spin/spin.toml",
        "spin_manifest_version = 2\n[application]\nname = \"shop\"\nversion = \"0.1.0\"\n\
         [[trigger.http]]\nroute = \"/...\"\ncomponent = \"shop\"\n[component.shop]\n\
         source = \"shop.wasm\"\nkey_value_stores = [\"default\"]\n",
    );
    let (mut ours, mut sqlite3) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let mut toml = String::new();
        let mut sql = String::from(
            "CREATE TABLE IF NOT EXISTS spin_key_value (store TEXT NOT NULL, key TEXT NOT NULL, \
             value BLOB NOT NULL, PRIMARY KEY (store, key));\nBEGIN;\n",
        );
        for n in 0..KEYS {
            let value = format!("value {n} of round {round}");
            writeln!(toml, "key_{n:05} = \"{value}\"").unwrap();
            writeln!(
                sql,
                "INSERT INTO spin_key_value (store, key, value) VALUES ('default', 'key_{n:05}', \
                 CAST('{value}' AS BLOB)) ON CONFLICT(store, key) DO UPDATE SET value=excluded.value;"
            )
            .unwrap();
        }
        sql.push_str("COMMIT;\n");
        write("shop.toml", &toml);
        write("inserts.sql", &sql);
        let mut command = Command::new(env!("CARGO_BIN_EXE_edgezero"));
        command
            .current_dir(folder.path())
            .args(["config", "push", "--local"]);
        ours.push(time(&mut command));
        let inserts = File::open(folder.path().join("inserts.sql")).unwrap();
        let mut command = Command::new("sqlite3");
        command
            .arg(Path::new("peer.db"))
            .current_dir(folder.path())
            .stdin(inserts);
        sqlite3.push(time(&mut command));
    }
    let (ours, sqlite3) = (median(ours), median(sqlite3));
    println!("| {KEYS} keys | edgezero config push | sqlite3 | ratio |");
    println!("| --- | --- | --- | --- |");
    println!(
        "| whole process, median of {ROUNDS} | {:.1} ms | {:.1} ms | {:.2} |",
        ours.as_secs_f64() * 1e3,
        sqlite3.as_secs_f64() * 1e3,
        ours.as_secs_f64() / sqlite3.as_secs_f64()
    );
}
