//! A new user's app on the Spin that `EDGEZERO_SPIN_BIN` names, and then on the host.

use std::path::{Path, PathBuf};
use std::process::Command;

use edgezero_spin_host::SpinProcess;
use tempfile::TempDir;

/// The program, where there is one.
pub(crate) fn program() -> Option<PathBuf> {
    std::env::var_os("EDGEZERO_SPIN_BIN").map(PathBuf::from)
}

struct User {
    folder: TempDir,
}

/// A server that is stopped at its end.
struct Serving(SpinProcess);

impl User {
    fn new() -> Self {
        let user = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let new = user
            .command(&["new", "shop"])
            .current_dir(user.folder.path())
            .output();
        assert!(new.unwrap().status.success());
        // Kept from run to run.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-app");
        std::fs::create_dir_all(&target).unwrap();
        std::os::unix::fs::symlink(target, user.path("target")).unwrap();
        user
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join("shop").join(path)
    }

    fn in_adapter(&self, path: &str) -> PathBuf {
        self.path("crates/shop-adapter-spin").join(path)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_edgezero"));
        command
            .current_dir(self.path(""))
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("SPIN_VARIABLE_API_KEY")
            .args(arguments);
        command
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {stderr}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn edit(&self, path: &Path, from: &str, to: &str) {
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains(from), "no {from:?} in {text}");
        std::fs::write(path, text.replace(from, to)).unwrap();
    }

    fn serve(&self, arguments: &[&str]) -> Serving {
        let mut command = self.command(&[&["serve"], arguments].concat());
        let started = SpinProcess::start(&mut command);
        Serving(started.unwrap_or_else(|error| panic!("{arguments:?}: {error}")))
    }
}

impl Serving {
    fn get(&self, path: &str) -> String {
        let mut answer = ureq::get(format!("{}{path}", self.0.url())).call().unwrap();
        answer.body_mut().read_to_string().unwrap()
    }
}

const SPIN: &[&str] = &["--", "--listen", "127.0.0.1:0"];
const HOST: &[&str] = &["--adapter", "host", "--", "0"];

pub(crate) fn a_new_app_answers_alike_in_spin_and_on_the_host() {
    let user = User::new();
    let config = user.in_adapter("runtime-config.toml");
    // A label with a file of its own.
    user.edit(
        &config,
        "[key_value_store.app_config]\ntype = \"spin\"\npath = \".spin/sqlite_key_value.db\"",
        "[key_value_store.app_config]\ntype = \"spin\"\npath = \"settings/config.db\"",
    );
    user.run(&["build"]);
    user.run(&["config", "validate", "--strict"]);
    user.run(&["config", "push", "--local"]);
    assert!(user.in_adapter("settings/config.db").is_file());
    {
        let spin = user.serve(SPIN);
        assert_eq!(spin.get("/hello/ada"), "Hello, ada! Visit 1.\n");
        assert_eq!(spin.get("/"), "Hello to: ada\nThe API key is there.\n");
        user.edit(&user.path("shop.toml"), "\"Hello\"", "\"Salut\"");
        user.run(&["config", "push", "--local"]);
        assert_eq!(spin.get("/hello/ada"), "Salut, ada! Visit 2.\n");
        assert_eq!(user.run(&["config", "diff", "--local", "--exit-code"]), "");
        assert_eq!(user.run(&["kv", "list"]), "ada\n");
    }
    {
        let host = user.serve(HOST);
        assert_eq!(host.get("/"), "Salut to: ada\nThe API key is there.\n");
        assert_eq!(host.get("/hello/ada"), "Salut, ada! Visit 3.\n");
    }
    std::fs::write(user.in_adapter(".env"), "SPIN_VARIABLE_API_KEY=\n").unwrap();
    for adapter in [SPIN, HOST] {
        let server = user.serve(adapter);
        assert_eq!(server.get("/"), "Salut to: ada\nThe API key is empty.\n");
    }
}

pub(crate) fn another_runtime_config_is_served_as_it_is_pushed() {
    let user = User::new();
    let other = "state_dir = \"data\"\n[key_value_store.app_config]\ntype = \"spin\"\npath = \
                 \"pushed.db\"\n[key_value_store.visits]\ntype = \"spin\"\npath = \"visits.db\"\n";
    std::fs::create_dir(user.path("other")).unwrap();
    std::fs::write(user.path("other/spin.toml"), other).unwrap();
    user.run(&["build"]);
    let named = ["--runtime-config", "other/spin.toml"];
    user.run(&[&["config", "push", "--local"][..], &named].concat());
    assert!(user.path("other/pushed.db").is_file());
    let after = [
        "--",
        "--runtime-config-file",
        "other/spin.toml",
        "--listen",
        "127.0.0.1:0",
    ];
    let before = [
        "--runtime-config",
        "other/spin.toml",
        "--",
        "--listen",
        "127.0.0.1:0",
    ];
    for arguments in [&after[..], &before] {
        let spin = user.serve(arguments);
        assert!(spin.get("/hello/ada").starts_with("Hello, ada!"));
    }
    assert!(user.path("other/visits.db").is_file());
    assert!(user.in_adapter("data").is_dir(), "Spin's state folder");
}
