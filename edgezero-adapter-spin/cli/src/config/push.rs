//! `edgezero config push`: the configuration, put where the app reads it.

use std::fmt::Write as _;
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use bytes::Bytes;
use edgezero_store_sqlite::SqliteFile;
use edgezero_store_traits::Label;
use indicatif::ProgressBar;

use super::changes::{Before, Change, Shown};
use super::cloud;
use super::destination::Destination;
use super::difference;
use super::envelope;
use super::shared;
use super::validate::stores;
use super::values::{Pair, Values};
use crate::arguments::{Adapter, Push};
use crate::ask;
use crate::kv::runtime;
use crate::program;
use crate::project::Project;
use crate::say;
use crate::spin::Spin;
use crate::typed::AppTypes;

/// The end of a push that writes nothing.
const NOTHING: &str = "nothing was written";

pub(super) fn run(
    project: &Project,
    arguments: &Push,
    types: Option<&AppTypes>,
) -> anyhow::Result<ExitCode> {
    let source = &arguments.source;
    let id = project.config_store(source.store.as_deref())?;
    let types = super::fitting_types(project, types, &id)?;
    let told = source.app_config.as_deref();
    let values = Values::read(project, &id, told, source.no_env, types)?;
    let path = values.path.clone();
    let pairs = values.checked()?;
    let spin = Spin::read(project, &source.files)?;
    for finding in stores::on_backends(project, &spin) {
        say::err(format_args!(
            "warning: {}: {}",
            finding.place(),
            finding.message
        ))?;
    }
    let destination = Destination::find(project, source, &spin)?;
    if project.adapter == Adapter::Spin {
        program::warn_of_other_spin(project)?;
    }
    let shown = Shown { types, spin: &spin };
    let asks = !arguments.dry_run && !arguments.yes && ask::is_possible();
    let shows = !arguments.no_diff;
    let keys = pairs.len();
    let mut report = Report {
        destination: &destination,
        dry_run: arguments.dry_run,
        keys,
        table: None,
    };
    match &destination {
        Destination::File { file, label } => {
            if arguments.prune {
                shared::refuse_to_prune(project, &spin, source, label)?;
            }
            let read = || Before::read(file, label, &id, &pairs, arguments.prune);
            let before = read()?;
            before.say_unreadable(label, file)?;
            if before.has_envelope {
                envelope::say_found(&id)?;
            }
            if asks && !before.has_all(&pairs) {
                if shows {
                    let lines = difference::lines(&shown, &pairs, &before, "");
                    say::bytes(say::lines(lines).as_bytes())?;
                }
                if !ask::yes(&format!("Push to {destination}?"))? {
                    bail!(NOTHING);
                }
                if read()? != before {
                    bail!(
                        "{destination} has changed since the difference was read; {NOTHING}. Push \
                         again to see what it has now"
                    );
                }
            } else if shows {
                report.table = Some(table(&shown, &pairs, Some(&before)));
            }
            if !arguments.dry_run {
                write(file, label, pairs, before.others)?;
            }
        }
        Destination::Cloud { app, label } => {
            if arguments.prune {
                bail!(
                    "--prune cannot reach {destination}: its command line deletes no single key; \
                     push without it"
                );
            }
            let chunks = cloud::chunks(&pairs, &path)?;
            let table = shows.then(|| table(&shown, &pairs, None));
            if asks {
                if let Some(table) = &table {
                    say::out(format_args!(
                        "The command line of Fermyon Cloud does not show what is there. This \
                         would be set:\n{table}"
                    ))?;
                }
                if !ask::yes(&format!("Push to {destination}?"))? {
                    bail!(NOTHING);
                }
            } else {
                report.table = table;
            }
            if !arguments.dry_run {
                cloud::set(project, app, label, &chunks)?;
            }
        }
    }
    report.say()?;
    Ok(ExitCode::SUCCESS)
}

/// All of it in one transaction.
fn write(file: &Path, label: &Label, pairs: Vec<Pair>, gone: Vec<String>) -> anyhow::Result<()> {
    let bar = bar(pairs.len());
    let moved = bar.clone();
    let pairs = pairs.into_iter();
    let pairs: Vec<_> = pairs.map(|p| (p.key, Bytes::from(p.text))).collect();
    let store = SqliteFile::open(file)?.kv(label.as_str())?;
    let written = store.write_batch(pairs, gone, move || moved.inc(1));
    let written = runtime()?.block_on(written);
    bar.finish_and_clear();
    written.context(NOTHING)
}

/// Shown where a person waits for it.
fn bar(keys: usize) -> ProgressBar {
    if keys > 1000 && std::io::stderr().is_terminal() {
        ProgressBar::new(keys as u64)
    } else {
        ProgressBar::hidden()
    }
}

/// A line for each key: what becomes of it, and its value.
fn table(shown: &Shown<'_>, pairs: &[Pair], before: Option<&Before>) -> String {
    let gone = before.map_or(&[][..], |before| &before.others);
    let keys = pairs.iter().map(|pair| pair.key.as_str());
    let keys = keys.chain(gone.iter().map(String::as_str));
    let width = keys
        .map(|key| key.chars().count())
        .max()
        .unwrap_or_default();
    let width = width.min(48);
    let mut table = String::new();
    for pair in pairs {
        let change = match before.map(|before| before.change(pair)) {
            Some(Change::Added) => "added",
            Some(Change::Changed) => "changed",
            Some(Change::Same) => "same",
            None => "set",
        };
        let value = shown.value(&pair.key, pair.text.as_bytes());
        // To a String nothing fails.
        let _ = writeln!(table, "  {:width$}  {change:7}  {value}", pair.key);
    }
    for key in gone.iter().map(say::part) {
        let _ = writeln!(table, "  {key:width$}  deleted");
    }
    table
}

/// What is said of a push in the end.
struct Report<'a> {
    destination: &'a Destination,
    dry_run: bool,
    keys: usize,
    /// Where it was not shown before.
    table: Option<String>,
}

impl Report<'_> {
    fn say(&self) -> anyhow::Result<()> {
        let did = if self.dry_run { "Would push" } else { "Pushed" };
        let (keys, destination) = (self.keys, self.destination);
        let said = match &self.table {
            Some(table) => say::out(format_args!("{did} to {destination}:\n{table}")),
            None => say::out(format_args!("{did} {keys} key(s) to {destination}")),
        };
        if self.dry_run {
            return Ok(said?);
        }
        said.context("the push is done, but it cannot be reported")
    }
}
