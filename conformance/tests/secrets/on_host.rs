//! A program on the host, in a process of its own.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use bytes::Bytes;
use edgezero_store_sqlite::serve::{ServeOptions, Server};
use edgezero_store_sqlite::{SqliteFile, SqliteKvStore};
use edgezero_store_traits::KvStore;
use http::Response;
use tempfile::TempDir;

use crate::app::Planted;
use crate::support::leak::{self, PLANTED};
use crate::trace::ToStderr;

pub(crate) const SERVER: &str = "--as-server-process";

/// What the other process does: it serves until its standard input ends.
pub(crate) async fn serve(folder: &str) {
    tracing::subscriber::set_global_default(ToStderr).unwrap();
    let options = ServeOptions::new(folder).with_address(([127, 0, 0, 1], 0).into());
    let server = match Server::bind::<Planted>(options).await {
        Ok(server) => server,
        Err(error) => panic!("{error} {error:?}"),
    };
    for warning in server.warnings() {
        eprintln!("warning: {warning} {warning:?}");
    }
    println!("{server}\n{server:?}");
    let end = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    let ended = async {
        end.await.unwrap().unwrap();
    };
    server.run_until(ended).await.unwrap();
}

const SPIN_TOML: &str = r#"spin_manifest_version = 2
[application]
name = "planted"
[variables]
signing_key = { required = true, secret = true }
no_text = { default = "" }
[[trigger.http]]
route = "/..."
component = "planted"
[component.planted]
source = "planted.wasm"
key_value_stores = ["notes", "app_config"]
[component.planted.variables]
signing_key = "{{ signing_key }}"
no_text = "{{ no_text }}"
"#;

const RUNTIME_CONFIG: &str = r#"[key_value_store.notes]
type = "spin"
path = ".spin/sqlite_key_value.db"
[key_value_store.app_config]
type = "spin"
path = ".spin/sqlite_key_value.db"
"#;

struct Files {
    folder: TempDir,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secret = format!("SPIN_VARIABLE_SIGNING_KEY='{PLANTED}'\n");
        std::fs::write(folder.path().join(".env"), secret).unwrap();
        std::fs::write(folder.path().join("spin.toml"), SPIN_TOML).unwrap();
        std::fs::write(folder.path().join("runtime-config.toml"), RUNTIME_CONFIG).unwrap();
        Self { folder }
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join(".spin/sqlite_key_value.db")
    }

    fn store(&self, label: &str) -> SqliteKvStore {
        let file = SqliteFile::open(self.database()).unwrap();
        file.kv(label).unwrap()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let no_text = [PLANTED.as_bytes(), b"\xff"].concat();
        command
            .arg(SERVER)
            .arg(self.folder.path())
            .env("SPIN_VARIABLE_NO_TEXT", OsStr::from_bytes(&no_text))
            .env("RUST_BACKTRACE", "full")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

/// The configuration, with the secret in the place of nearly everything.
fn misconfigured() -> Vec<(String, Bytes)> {
    let no_text = [PLANTED.as_bytes(), b"\xff"].concat();
    let mut pairs = vec![
        ("no_text", Bytes::from(no_text)),
        ("no_such_name", PLANTED.into()),
        ("wrong_name", format!("{PLANTED} !").into()),
        ("signing_key", "SIGNING_KEY".into()),
        ("rule", format!("\"{PLANTED}\"").into()),
    ];
    for key in ["number", "truth", "letter", "list", "part"] {
        pairs.push((key, PLANTED.into()));
    }
    let pairs = pairs.into_iter();
    pairs.map(|(key, value)| (key.to_owned(), value)).collect()
}

/// Each route with its answer; `None` for a handler that panics.
const ROUTES: &[(&str, Option<u16>)] = &[
    ("/debug", Some(200)),
    ("/panic", None),
    ("/unwrap", None),
    ("/undefined", Some(404)),
    ("/no-name", Some(400)),
    ("/no-text", Some(503)),
    ("/json", Some(500)),
    ("/counter", Some(500)),
    ("/undeclared", Some(500)),
    ("/config", Some(500)),
    ("/wrong-types", Some(500)),
    ("/wrong-name", Some(500)),
    ("/no-such-name", Some(500)),
    ("/settings", Some(200)),
    ("/nowhere", Some(404)),
];

pub(crate) async fn no_error_and_no_panic_of_a_program_shows_a_secret() {
    let files = Files::new();
    let config = files.store("app_config");
    config.put_many(misconfigured()).await.unwrap();
    let notes = files.store("notes");
    notes.put_bytes("planted", PLANTED.into()).await.unwrap();
    let folder = files.folder.path().to_owned();
    let database = files.database();
    let asked = tokio::task::spawn_blocking(move || {
        run(files.command(), |url| {
            let exposed = get(url, "/exposed").unwrap();
            assert!(leak::is_in(exposed.body()), "the search does not find it");
            for (route, status) in ROUTES {
                ask(url, route, *status);
            }
            // The stores fail, whatever they are asked for.
            let other = rusqlite::Connection::open(&database).unwrap();
            other.execute("DROP TABLE spin_key_value", []).unwrap();
            for route in ["/json", "/counter", "/config", "/settings"] {
                ask(url, route, Some(500));
            }
        })
    });
    let (output, start) = asked.await.unwrap();
    assert!(output.status.success(), "{output:?}");
    leak::is_not_in("stdout", start.as_bytes());
    leak::is_not_in("stdout", &output.stdout);
    leak::is_not_in("stderr", &output.stderr);
    let stderr = String::from_utf8_lossy(&output.stderr);
    // All of it was there to be searched.
    for part in [
        "a handler broke with",
        "called `Result::unwrap()`",
        "trace: edgezero_store",
        "GET /wrong-types: 500",
        "letter: not a single character",
        "SPIN_VARIABLE_NO_TEXT",
    ] {
        assert!(stderr.contains(part), "no {part} in {stderr}");
    }
    drop(folder);
}

#[track_caller]
fn ask(url: &str, route: &str, status: Option<u16>) {
    match (get(url, route), status) {
        (Ok(response), Some(status)) => {
            assert_eq!(response.status(), status, "{route}: {:?}", response.body());
            leak::is_not_in_response(route, &response);
        }
        (Err(error), None) => leak::is_not_in(route, format!("{error:?}").as_bytes()),
        (answer, _) => panic!("{route}: {answer:?}"),
    }
}

fn get(url: &str, route: &str) -> Result<Response<Bytes>, ureq::Error> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .into();
    let (parts, mut body) = agent.get(format!("{url}{route}")).call()?.into_parts();
    Ok(Response::from_parts(parts, body.read_to_vec()?.into()))
}

/// Runs the program while `ask` asks it; its first line, and all that it said.
fn run(mut command: Command, ask: impl FnOnce(&str)) -> (Output, String) {
    let mut server = command.spawn().unwrap();
    let end = server.stdin.take().unwrap();
    // It must not block on a full pipe.
    let mut stderr = server.stderr.take().unwrap();
    let stderr = std::thread::spawn(move || {
        let mut all = Vec::new();
        stderr.read_to_end(&mut all).map(|_| all)
    });
    let mut stdout = BufReader::new(server.stdout.take().unwrap());
    let mut start = String::new();
    stdout.read_line(&mut start).unwrap();
    let url = start.trim().strip_prefix("Serving ");
    let asked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        ask(url.expect("it serves"));
    }));
    drop(end);
    let status = server.wait().unwrap();
    let mut rest = Vec::new();
    stdout.read_to_end(&mut rest).unwrap();
    let stderr = stderr.join().unwrap().unwrap();
    if let Err(panic) = asked {
        std::io::stderr().write_all(&stderr).unwrap();
        std::panic::resume_unwind(panic);
    }
    let output = Output {
        status,
        stdout: rest,
        stderr,
    };
    (output, start)
}

pub(crate) async fn a_program_that_fails_or_warns_at_its_start_shows_no_secret() {
    let starts = |edit: &dyn Fn(&Path, &mut Command), part: &str| {
        let files = Files::new();
        let mut command = files.command();
        edit(files.folder.path(), &mut command);
        let output = command.stdin(Stdio::null()).output().unwrap();
        leak::is_not_in("stdout", &output.stdout);
        leak::is_not_in("stderr", &output.stderr);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains(part), "no {part} in {stderr}");
        output.status.success()
    };
    for line in [
        format!("SPIN_VARIABLE_A='{PLANTED}"),
        format!("SPIN_VARIABLE_A={PLANTED} {PLANTED}"),
        PLANTED.to_owned(),
        format!("{PLANTED}=\"\\q\""),
    ] {
        let write = |folder: &Path, _: &mut Command| {
            std::fs::write(folder.join(".env"), &line).unwrap();
        };
        assert!(!starts(&write, ".env"));
    }
    let no_database = |folder: &Path, _: &mut Command| {
        std::fs::create_dir(folder.join(".spin")).unwrap();
        let file = folder.join(".spin/sqlite_key_value.db");
        std::fs::write(file, PLANTED.repeat(1000)).unwrap();
    };
    // As Spin does: what uses the store fails.
    assert!(starts(&no_database, "sqlite_key_value.db"));
    let variable = "EDGEZERO__STORES__KV__NOTES__MAX_LIST_KEYS";
    let no_number = |_: &Path, command: &mut Command| {
        command.env(variable, "many");
    };
    assert!(!starts(&no_number, variable));
}
