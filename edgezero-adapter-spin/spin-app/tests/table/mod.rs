//! Small apps, good and bad, each with the model's answer.
//!
//! The apps are in the text files beside this one. `# <name>` begins an app, and
//! `---- <part>` a part of it:
//!
//! | Part | What it is |
//! | --- | --- |
//! | `component` | lines of `[component.app]` |
//! | `manifest` | what follows that table in spin.toml |
//! | `spin.toml` | the whole file, in place of the usual one |
//! | `run` | how Spin is run: `in <folder>`, `NAME=value`, and options, one a line |
//! | `without` | a file that is usually there, and is not here |
//! | `answer` | what the model says |
//! | `spin` | what Spin does, where the model cannot tell |
//! | anything else | a file of that name |
//!
//! `EDGEZERO_RECORD=1` makes the test `apps` write the answers anew; look at each change.
#![allow(dead_code, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use edgezero_spin_app::{Backend, Component, Effect, Environment, Options, Origin, SpinApp};
use secrecy::ExposeSecret;

/// An app of the table.
pub(crate) struct App {
    pub(crate) name: String,
    /// The text file that it is in.
    pub(crate) file: PathBuf,
    parts: Vec<(String, String)>,
}

/// All apps of the table.
pub(crate) fn apps() -> Vec<App> {
    // This file is part of a test of the conformance crate, too.
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let here = "edgezero-adapter-spin/spin-app/tests/table";
    let above = package.ancestors().map(|folder| folder.join(here));
    let folder = above.into_iter().find(|folder| folder.is_dir()).unwrap();
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    files.iter().flat_map(|file| read(file)).collect()
}

fn read(file: &Path) -> Vec<App> {
    let mut apps: Vec<App> = Vec::new();
    for line in fs::read_to_string(file).unwrap().split_inclusive('\n') {
        if let Some(name) = line.strip_prefix("# ") {
            apps.push(App {
                name: name.trim().to_owned(),
                file: file.to_owned(),
                parts: Vec::new(),
            });
        } else if let Some(app) = apps.last_mut() {
            if let Some(part) = line.strip_prefix("---- ") {
                app.parts.push((part.trim().to_owned(), String::new()));
            } else if let Some((_, text)) = app.parts.last_mut() {
                text.push_str(line);
            }
        }
    }
    for (_, text) in apps.iter_mut().flat_map(|app| &mut app.parts) {
        // The blank line before the next app.
        if text.ends_with("\n\n") {
            text.pop();
        }
    }
    apps
}

/// How Spin is run on an app.
#[derive(Default)]
pub(crate) struct Run {
    /// Below the app's folder.
    pub(crate) folder: PathBuf,
    pub(crate) options: Vec<(String, String)>,
    pub(crate) environment: Vec<(String, String)>,
}

impl App {
    pub(crate) fn part(&self, name: &str) -> Option<&str> {
        let part = self.parts.iter().find(|(part, _)| part == name)?;
        Some(&part.1)
    }

    /// Writes the app's files; `component` is what app.wasm holds.
    pub(crate) fn write(&self, folder: &Path, component: &[u8]) {
        let without = self.part("without").unwrap_or_default();
        if !without.contains("app.wasm") {
            fs::write(folder.join("app.wasm"), component).unwrap();
        }
        if self.part("spin.toml").is_none() && !without.contains("spin.toml") {
            fs::write(folder.join("spin.toml"), self.manifest()).unwrap();
        }
        let own = ["component", "manifest", "run", "without", "answer", "spin"];
        for (name, text) in &self.parts {
            if own.contains(&name.as_str()) {
                continue;
            }
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let text = text.replace("<BOM>", "\u{feff}");
            let text = text.replace("<HERE>", folder.to_str().unwrap());
            if text.trim() == "<WASM>" {
                fs::write(path, component).unwrap();
            } else {
                fs::write(path, text).unwrap();
            }
        }
    }

    fn manifest(&self) -> String {
        format!(
            "spin_manifest_version = 2\n[application]\nname = \"app\"\n[[trigger.http]]\n\
             route = \"/...\"\ncomponent = \"app\"\n[component.app]\nsource = \"app.wasm\"\n{}{}",
            self.part("component").unwrap_or_default(),
            self.part("manifest").unwrap_or_default()
        )
    }

    /// The options that are not written in `run` are `--from <the folder>` and, where
    /// there is one, `--runtime-config-file <the folder>/runtime-config.toml`.
    pub(crate) fn run(&self, folder: &Path) -> Run {
        let mut run = Run::default();
        for line in self.part("run").unwrap_or_default().lines() {
            let line = line.replace("<HERE>", folder.to_str().unwrap());
            if let Some(folder) = line.strip_prefix("in ") {
                run.folder = folder.into();
            } else if line.starts_with("--") {
                let (option, value) = line.split_once(' ').unwrap_or((&line, ""));
                let value = value.replace("<EMPTY>", "");
                run.options.push((option.to_owned(), value));
            } else if let Some((name, value)) = line.split_once('=') {
                run.environment.push((name.to_owned(), value.to_owned()));
            }
        }
        let named = |run: &Run, option| run.options.iter().any(|(name, _)| name == option);
        if !named(&run, "--from") {
            let path = folder.to_str().unwrap().to_owned();
            run.options.push(("--from".to_owned(), path));
        }
        let config = folder.join("runtime-config.toml");
        let by_variable = |(name, _): &(String, String)| name == "RUNTIME_CONFIG_FILE";
        if config.exists()
            && !named(&run, "--runtime-config-file")
            && !run.environment.iter().any(by_variable)
        {
            let path = config.to_str().unwrap().to_owned();
            run.options.push(("--runtime-config-file".to_owned(), path));
        }
        run.options.retain(|(_, value)| value != "<NONE>");
        run
    }

    /// The model of the app in `folder`.
    pub(crate) fn model(&self, folder: &Path) -> SpinApp {
        let run = self.run(folder);
        let option = |name: &str| {
            let found = run.options.iter().find(|(option, _)| option == name);
            found.map(|(_, value)| value.as_str())
        };
        let from = option("--from").unwrap_or("spin.toml");
        let environment = run.environment.iter().cloned();
        let mut options = Options::new(from, folder.join(&run.folder))
            .with_environment(environment.collect::<Environment>());
        if let Some(path) = option("--runtime-config-file") {
            options = options.with_runtime_config(path);
        }
        if let Some(path) = option("--state-dir") {
            options = options.with_state_dir(path);
        }
        for (option, value) in &run.options {
            if option == "--variable" {
                let (name, value) = value.split_once('=').unwrap();
                options = options.with_variable(name, value);
            }
        }
        SpinApp::read(&options)
    }
}

/// The model's answer as the table has it.
pub(crate) fn answer(app: &SpinApp, folder: &Path) -> String {
    let mut text = format!("{}\n", verdict(app));
    let here = format!("{}/", folder.display());
    for finding in app.findings() {
        let file = finding.file().map(|file| file.display().to_string());
        let file = file.as_deref().unwrap_or("the environment");
        let line = finding
            .line()
            .map_or(String::new(), |line| format!(":{line}"));
        let effect = match finding.effect() {
            Effect::DoesNotStart => "",
            Effect::NotBuilt => "not built: ",
            Effect::FailsLater => "later: ",
            _ => "cannot tell: ",
        };
        let _ = writeln!(text, "  {file}{line}: {effect}{}", finding.message());
    }
    for component in app.components() {
        let _ = writeln!(text, "  component {}", component.id());
        stores(app, component, &mut text);
        for variable in component.variables() {
            let origins = variable
                .sources()
                .iter()
                .map(|source| origin(source.origin()));
            let origins: Vec<_> = origins.collect();
            let value = match variable.value() {
                Ok(value) => format!("{:?}", value.expose_secret()),
                Err(_) => "nothing".to_owned(),
            };
            let (name, origins) = (variable.name(), origins.join(" + "));
            let _ = writeln!(text, "    {name} = {value} from {origins}");
        }
        for (name, value) in component.environment() {
            let _ = writeln!(text, "    environment {name} = {value:?}");
        }
    }
    text.replace(&here, "")
}

/// In one word or two, what Spin would do.
pub(crate) fn verdict(app: &SpinApp) -> &'static str {
    let is = |effect| {
        app.findings()
            .iter()
            .any(|finding| finding.effect() == effect)
    };
    if is(Effect::DoesNotStart) || is(Effect::NotBuilt) {
        "refuses"
    } else if is(Effect::CannotTell) {
        "cannot tell"
    } else {
        "starts"
    }
}

fn stores(app: &SpinApp, component: &Component, text: &mut String) {
    for label in component.labels() {
        let place = match app.store(label) {
            Ok(store) => match store.backend() {
                Backend::Memory => "memory".to_owned(),
                Backend::Dynamo(dynamo) => {
                    format!(
                        "{}, consistent: {}",
                        store.backend(),
                        dynamo.consistent_read()
                    )
                }
                backend => backend.to_string(),
            },
            Err(_) => "nowhere".to_owned(),
        };
        let _ = writeln!(text, "    label {label}: {place}");
    }
}

fn origin(origin: &Origin) -> String {
    match origin {
        Origin::Literal => "text".to_owned(),
        Origin::Option => "--variable".to_owned(),
        Origin::Static(_) => "a static provider".to_owned(),
        Origin::Environment { variable } => variable.clone(),
        Origin::DotEnv { file, variable } => format!("{variable} in {}", file.display()),
        Origin::Vault(_) => "Vault".to_owned(),
        Origin::AzureKeyVault(_) => "Azure".to_owned(),
        Origin::Default(_) => "default".to_owned(),
        other => format!("{other:?}"),
    }
}
