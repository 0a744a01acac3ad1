//! README's guide, as a new user would follow it: every command in it, and what a new
//! app answers, in the component and on the host.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use edgezero_spin_host::SpinHost;

use crate::app::{App, Said};

/// The commands of the guide, in their order.
fn commands() -> Vec<String> {
    let readme = include_str!("../../../../README.md");
    let guide = readme.split("## A new app, step by step").nth(1).unwrap();
    let guide = guide.split("\n## ").next().unwrap();
    let blocks = guide.split("```sh\n").skip(1);
    let lines = blocks.flat_map(|block| block.split("```").next().unwrap().lines());
    lines.map(str::to_owned).collect()
}

struct User {
    app: App,
    /// The working folder.
    folder: PathBuf,
}

impl User {
    fn shell(&self, line: &str) -> Command {
        let edgezero = Path::new(env!("CARGO_BIN_EXE_edgezero")).parent().unwrap();
        let mut path = vec![self.app.path("bin"), edgezero.to_owned()];
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
        let mut command = Command::new("sh");
        command
            .current_dir(&self.folder)
            .env("PATH", std::env::join_paths(path).unwrap())
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("EDGEZERO_SPIN_BIN")
            .args(["-c", line]);
        command
    }

    fn run(&self, line: &str) -> Said {
        eprintln!("$ {line}");
        Said::from(self.shell(line).output().unwrap()).done()
    }

    fn spin_folder(&self) -> PathBuf {
        self.folder.join("crates/my-shop-adapter-spin")
    }

    /// What the component answers, in the host that `spin up` would be.
    fn in_spin(&self, path: &str) -> String {
        let spin_toml = self.spin_folder().join("spin.toml");
        let config = self.spin_folder().join("runtime-config.toml");
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let host = SpinHost::from_manifest(&spin_toml, Some(&config)).unwrap();
            let request = http::Request::get(path).body(Default::default()).unwrap();
            let answer = host.build().unwrap().handle(request).await.unwrap();
            String::from_utf8(answer.into_body().to_vec()).unwrap()
        })
    }

    /// What the program answers, which `line` starts.
    fn on_host(&self, line: &str, path: &str) -> String {
        eprintln!("$ {line}");
        let mut command = self.shell(&format!("exec {line} -- 0"));
        let mut server = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut first = String::new();
        let mut lines = BufReader::new(server.stdout.take().unwrap());
        lines.read_line(&mut first).unwrap();
        let url = first.trim().strip_prefix("Serving ");
        let answer = url.map(|url| ureq::get(format!("{url}{path}")).call());
        // Each of the programs took the place of the one before.
        server.kill().unwrap();
        server.wait().unwrap();
        let answer = answer.unwrap_or_else(|| panic!("it does not serve: {first}"));
        answer.unwrap().body_mut().read_to_string().unwrap()
    }
}

pub(crate) fn every_command_of_the_readme_works_as_shown() {
    const HOST: &str = "edgezero serve --adapter host";
    let app = App::new();
    app.fake_spin("4.0.0", 0, "");
    let mut user = User {
        folder: app.path("work"),
        app,
    };
    std::fs::create_dir(&user.folder).unwrap();
    let mut greeted = Vec::new();
    for line in commands() {
        if let Some(folder) = line.strip_prefix("cd ") {
            user.folder = user.folder.join(folder);
            // Kept from run to run.
            let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-app");
            std::fs::create_dir_all(&target).unwrap();
            std::os::unix::fs::symlink(target, user.folder.join("target")).unwrap();
        } else if line == HOST {
            greeted.push(user.on_host(&line, "/hello/ada"));
        } else {
            let said = user.run(&line);
            if line == "edgezero build" {
                greeted.push(user.in_spin("/hello/ada"));
            }
            match line.as_str() {
                "edgezero kv get ada --hex" => assert_eq!(said.stdout, "0500000000000000\n"),
                "edgezero config diff --local" => assert_eq!(said.stdout, ""),
                _ => {}
            }
        }
    }
    // One counter and one configuration for both.
    assert_eq!(
        greeted,
        ["Hello, ada! Visit 1.\n", "Hello, ada! Visit 2.\n"]
    );
    let calls = user.app.calls();
    let started: Vec<&str> = calls.iter().map(|call| call[0].as_str()).collect();
    assert_eq!(started, ["up", "cloud", "deploy", "cloud"]);
    assert!(calls[0][4].ends_with("/runtime-config.toml"), "{calls:?}");

    change_and_push_again(&user, HOST);
    add_a_store(&user);
}

fn change_and_push_again(user: &User, host: &str) {
    let config = user.folder.join("my-shop.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("\"Hello\"", "\"Salut\"")).unwrap();
    user.run("edgezero config push --local");
    assert_eq!(user.in_spin("/hello/bob"), "Salut, bob! Visit 1.\n");
    assert_eq!(user.on_host(host, "/hello/bob"), "Salut, bob! Visit 2.\n");
    user.run("MY_SHOP__GREETING=Ciao edgezero config push --adapter host");
    assert_eq!(user.on_host(host, "/hello/bob"), "Ciao, bob! Visit 3.\n");
    assert_eq!(user.in_spin("/hello/bob"), "Ciao, bob! Visit 4.\n");
}

fn add_a_store(user: &User) {
    let manifest = user.folder.join("edgezero.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let text = text.replace(
        "[\"visits\"]",
        "[\"visits\", \"notes\"]\ndefault = \"visits\"",
    );
    std::fs::write(&manifest, text).unwrap();
    let validate = "edgezero config validate --strict";
    let refused = Said::from(user.shell(validate).output().unwrap());
    refused.refused(&["edgezero provision", "[key_value_store.notes]"]);
    user.run("edgezero provision").says(&["notes added"]);
    let config = user.spin_folder().join("runtime-config.toml");
    let mut text = std::fs::read_to_string(&config).unwrap();
    text += "\n[key_value_store.notes]\ntype = \"spin\"\npath = \".spin/sqlite_key_value.db\"\n";
    std::fs::write(&config, text).unwrap();
    user.run(validate);
    assert!(user.in_spin("/hello/eve").starts_with("Ciao, eve!"));
}
