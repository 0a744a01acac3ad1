//! An app's files in a folder of their own, and the command run on them.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// Set for the program that knows the configuration by type.
pub(crate) const TYPED: &str = "EDGEZERO_TEST_AS_TYPED_COMMAND";

pub(crate) const STANZA: &str =
    "[key_value_store.app_config]\ntype = \"spin\"\npath = \".spin/kv.db\"\n";

pub(crate) struct App {
    pub(crate) folder: TempDir,
    variables: Vec<(String, String)>,
    /// Which types the app's own program knows.
    types: &'static str,
}

/// What the command said, and how it ended.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Said {
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn refused(self, parts: &[&str]) -> Self {
        assert_eq!(self.code, Some(1), "{}{}", self.stdout, self.stderr);
        self.says(parts)
    }

    #[track_caller]
    pub(crate) fn says(self, parts: &[&str]) -> Self {
        let all = format!("{}{}", self.stdout, self.stderr);
        for part in parts {
            assert!(all.contains(part), "no {part:?} in:\n{all}");
        }
        self
    }
}

impl App {
    /// A folder without a file.
    pub(crate) fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
            types: "settings",
        }
    }

    /// Has the app's own program know other types than [`crate::Settings`].
    pub(crate) fn typed_as(mut self, types: &'static str) -> Self {
        self.types = types;
        self
    }

    /// One component, one key-value store and one configuration store, all in order.
    pub(crate) fn new() -> Self {
        let app = Self::empty();
        app.write(
            "edgezero.toml",
            "[app]\nname = \"shop\"\n\n[stores.kv]\nids = [\"visits\"]\n\n[stores.config]\nids = \
             [\"app_config\"]\n\n[adapters.spin.adapter]\ncrate = \"spin\"\nmanifest = \
             \"spin/spin.toml\"\n",
        );
        app.write(
            "shop.toml",
            "greeting = \"Hello\"\n\n[service]\ntimeout_ms = 1500\n",
        );
        app.write(
            "spin/spin.toml",
            "spin_manifest_version = 2\n\n[application]\nname = \"cloud-shop\"\n\n\
             [component.shop]\nsource = \"shop.wasm\"\n\
             key_value_stores = [\"visits\", \"app_config\"]\n\n\
             [[trigger.http]]\nroute = \"/...\"\ncomponent = \"shop\"\n",
        );
        app.write("spin/shop.wasm", "\0asm");
        app.write(
            "spin/runtime-config.toml",
            &format!("{STANZA}\n{}", STANZA.replace("app_config", "visits")),
        );
        app
    }

    pub(crate) fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    /// Has one text of a file take another's place.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "no {from:?} in {text}");
        self.write(path, &text.replace(from, to));
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.of(Path::new(env!("CARGO_BIN_EXE_edgezero")), arguments)
    }

    fn of(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .env_clear()
            // Without a spin that may be installed.
            .env("PATH", "/usr/bin:/bin")
            .env("EDGEZERO_SPIN_BIN", self.path("bin/spin"))
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .args(arguments);
        command
    }

    /// Runs it with what `of` makes of the command, and gives back its exit code and what
    /// it says on the standard error.
    pub(crate) fn run_with(
        &self,
        arguments: &[&str],
        of: impl FnOnce(&mut Command),
    ) -> (Option<i32>, String) {
        let mut command = self.command(arguments);
        of(&mut command);
        let output = command.output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), stderr)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        self.command(arguments).output().unwrap().into()
    }

    /// On a terminal, by the program `script`, with what a person types. What the command
    /// says on both ways is in `stdout`.
    pub(crate) fn on_terminal(&self, arguments: &[&str], typed: &str) -> Said {
        self.on_terminal_when(arguments, "", typed, || ())
    }

    /// The same, where `before` runs and the person types after the command has said `prompt`.
    pub(crate) fn on_terminal_when(
        &self,
        arguments: &[&str],
        prompt: &str,
        typed: &str,
        before: impl FnOnce(),
    ) -> Said {
        let command = self.command(arguments);
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let words = words.map(|word| format!("'{}'", word.to_str().unwrap()));
        let line = words.collect::<Vec<_>>().join(" ");
        let script = ["--quiet", "--return", "--echo", "never", "--command"];
        let mut script = self.of(
            Path::new("script"),
            &[&script[..], &[&line, "/dev/null"]].concat(),
        );
        script.stdin(Stdio::piped());
        script.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut script = script.spawn().unwrap();
        let mut stdout = script.stdout.take().unwrap();
        let mut bytes = Vec::new();
        while !String::from_utf8_lossy(&bytes).contains(prompt) {
            let mut byte = [0];
            stdout.read_exact(&mut byte).unwrap();
            bytes.extend(byte);
        }
        before();
        let mut stdin = script.stdin.take().unwrap();
        stdin.write_all(typed.as_bytes()).unwrap();
        drop(stdin);
        stdout.read_to_end(&mut bytes).unwrap();
        let mut said = Said::from(script.wait_with_output().unwrap());
        said.stdout = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
        said
    }

    /// As the app's own program, which knows [`crate::Settings`] or other types.
    pub(crate) fn run_typed(&self, arguments: &[&str]) -> Said {
        let program = std::env::current_exe().unwrap();
        let mut command = self.of(&program, arguments);
        command.env(TYPED, self.types).output().unwrap().into()
    }

    /// What a file has under a label.
    pub(crate) fn stored(&self, file: &str, label: &str) -> BTreeMap<String, String> {
        let connection = rusqlite::Connection::open(self.path(file)).unwrap();
        let mut all = connection
            .prepare("SELECT key, CAST(value AS TEXT) FROM spin_key_value WHERE store = ?1")
            .unwrap();
        let rows = all.query_map([label], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().map(Result::unwrap).collect()
    }

    /// Every SQLite file below the app's folder.
    pub(crate) fn databases(&self) -> Vec<PathBuf> {
        fn search(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    search(&path, found);
                } else if path.extension().is_some_and(|extension| extension == "db") {
                    found.push(path);
                }
            }
        }
        let mut found = Vec::new();
        search(self.folder.path(), &mut found);
        found
    }

    /// A program `spin` that records its arguments, and fails at the n-th call.
    pub(crate) fn fake_spin(&self, version: &str, fail_at: usize, says: &str) {
        use std::os::unix::fs::PermissionsExt;
        let records = self.path("calls");
        std::fs::create_dir_all(&records).unwrap();
        self.write("says", says);
        self.write(
            "bin/spin",
            &format!(
                "#!/bin/sh\n\
                 if [ \"$1\" = --version ]; then echo 'spin {version} (abc)'; exit; fi\n\
                 cd '{}'\n\
                 n=1; while [ -e $n ]; do n=$((n + 1)); done\n\
                 printf '%s\\0' \"$@\" > $n\n\
                 if [ $n = {fail_at} ]; then cat ../says >&2; exit 1; fi\n",
                records.display()
            ),
        );
        let spin = self.path("bin/spin");
        std::fs::set_permissions(spin, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The arguments of each call of [`App::fake_spin`].
    pub(crate) fn calls(&self) -> Vec<Vec<String>> {
        let read = |n: usize| std::fs::read_to_string(self.path(&format!("calls/{n}"))).ok();
        let calls = (1..).map_while(read);
        calls
            .map(|call| {
                let call = call.trim_end_matches('\0').split('\0');
                call.map(str::to_owned).collect()
            })
            .collect()
    }
}
