//! What a real `spin up` does with each small app of the table, and what the model in
//! `edgezero-spin-app` says of it, where `EDGEZERO_SPIN_BIN` names the program `spin`.
//! Elsewhere each test is shown as ignored.
//!
//! An app that the model refuses must not start, and any other must. Of one that starts,
//! the component is asked for what the model says it sees: a key that it puts into a label
//! is in the label's file, a variable has the value, and so has its environment.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

mod spin;
#[path = "../../../../edgezero-adapter-spin/spin-app/tests/table/mod.rs"]
mod table;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use edgezero_spin_app::{Backend, Effect, SpinApp, Store};
use edgezero_spin_host::component::{self, Features};
use libtest_mimic::{Arguments, Failed, Trial};
use rusqlite::Connection;
use secrecy::ExposeSecret;

use crate::spin::Spin;
use crate::table::App;

const PROGRAM: &str = "EDGEZERO_SPIN_BIN";

static GUEST: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let guest = component::build(&workspace, "conformance-guest", Features::Default);
    std::fs::read(guest.unwrap_or_else(|error| panic!("{error}"))).unwrap()
});

fn main() {
    let arguments = Arguments::from_args();
    let program = std::env::var_os(PROGRAM).map(PathBuf::from);
    let ignored = program.is_none();
    let trials = table::apps().into_iter().map(|app| {
        let program = program.clone();
        let trial = Trial::test(app.name.clone(), move || match &program {
            Some(program) => compare(&app, program),
            None => Err(format!("{PROGRAM} names no program").into()),
        });
        trial.with_ignored_flag(ignored)
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

fn compare(app: &App, program: &Path) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().canonicalize()?;
    app.write(&path, &GUEST);
    let model = app.model(&path);
    let spin = Spin::start(program, &path, &app.run(&path));
    let expected = match (table::verdict(&model), app.part("spin")) {
        ("cannot tell", Some(spin)) => spin.trim(),
        (verdict, _) => verdict,
    };
    match (spin, expected) {
        (Ok(spin), "starts") => {
            let seen = compare_seen(&model, &spin);
            seen.map_err(|wrong| format!("{wrong}\n{}", spin.stderr()).into())
        }
        (Err(_), "refuses") => Ok(()),
        (Ok(_), expected) => Err(format!("Spin starts, and the model {expected}").into()),
        (Err(stderr), expected) => {
            Err(format!("Spin refuses, and the model {expected}:\n{stderr}").into())
        }
    }
}

/// What the component behind the route `/...` sees.
fn compare_seen(model: &SpinApp, spin: &Spin) -> Result<(), String> {
    let Some(component) = model.components().first() else {
        return Ok(());
    };
    for label in component.labels() {
        match model.store(label) {
            Ok(store) => compare_store(&store, spin)?,
            Err(_) => {
                let (status, text) = spin.ask(&format!("/kv/put?label={label}&key=probe"), "x");
                if status == 200 {
                    return Err(format!("the label {label} can be used: {text}"));
                }
            }
        }
    }
    for variable in component.variables() {
        let name = variable.name();
        let (status, text) = spin.ask(&format!("/secret?key={name}"), "");
        let same = match variable.value() {
            Ok(value) => status == 200 && text == value.expose_secret(),
            Err(finding) if finding.effect() == Effect::CannotTell => true,
            Err(_) => status >= 400,
        };
        if !same {
            return Err(format!("the variable {name}: {status} {text:?}"));
        }
    }
    for (name, value) in component.environment() {
        let (status, text) = spin.ask(&format!("/environment?key={name}"), "");
        if (status, &text) != (200, value) {
            return Err(format!("the environment's {name}: {status} {text:?}"));
        }
    }
    Ok(())
}

fn compare_store(store: &Store, spin: &Spin) -> Result<(), String> {
    let label = store.label();
    if !matches!(store.backend(), Backend::Sqlite(_) | Backend::Memory) {
        // On another machine.
        return Ok(());
    }
    let (status, text) = spin.ask(&format!("/kv/put?label={label}&key=probe"), "x");
    if status != 200 {
        return Err(format!("the label {label} cannot be used: {status} {text}"));
    }
    let Some(file) = store.file() else {
        return Ok(());
    };
    let sql = "SELECT count(*) FROM spin_key_value WHERE store = ? AND key = 'probe'";
    let found = Connection::open(file)
        .and_then(|file| file.query_row(sql, [label], |row| row.get::<_, u32>(0)));
    match found {
        Ok(1) => Ok(()),
        found => Err(format!(
            "the label {label} is not in {}: {found:?}",
            file.display()
        )),
    }
}
