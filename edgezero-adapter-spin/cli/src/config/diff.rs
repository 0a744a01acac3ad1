//! `edgezero config diff`: what a push would change.

use std::process::ExitCode;

use anyhow::bail;
use serde_json::json;

use super::changes::{Before, Change, Shown};
use super::destination::Destination;
use super::shared;
use super::values::Values;
use crate::arguments::{Diff, Format};
use crate::project::Project;
use crate::say;
use crate::spin::Spin;
use crate::typed::Types;

pub(super) fn run(
    project: &Project,
    arguments: &Diff,
    types: Option<&Types>,
) -> anyhow::Result<ExitCode> {
    let source = &arguments.source;
    let values = Values::read(project, source.app_config.as_deref(), source.no_env, types)?;
    let pairs = values.checked()?;
    let spin = Spin::read(project, &source.files)?;
    let destination = Destination::find(project, source, &spin)?;
    let Destination::File { file, label } = &destination else {
        bail!(
            "a push goes to {destination}, whose command line reads no values; --local compares \
             with this machine's file"
        );
    };
    // What `push --prune` would refuse to delete is not a difference.
    let own = shared::other_store(project, &spin, source, label)?.is_none();
    let before = Before::read(file, label, &pairs, own)?;
    let gone = &before.others;
    let shown = Shown { types, spin: &spin };
    let of = |wanted: Change| {
        let before = &before;
        let pairs = pairs.iter();
        pairs.filter(move |pair| before.change(pair) == wanted)
    };
    let (added, changed) = (of(Change::Added), of(Change::Changed));
    let differs = of(Change::Same).count() < pairs.len() || !gone.is_empty();
    if arguments.format == Format::Json {
        let new = |key: &str, text: &str| shown.value(key, text.as_bytes());
        let old = |key: &str| before.value(key).map(|value| shown.value(key, value));
        let added: Vec<_> = added
            .map(|p| json!({ "key": p.key, "value": new(&p.key, &p.text) }))
            .collect();
        let changed: Vec<_> = changed
            .map(|p| json!({ "key": p.key, "from": old(&p.key), "to": new(&p.key, &p.text) }))
            .collect();
        let document = json!({
            "label": label.as_str(),
            "file": file.display().to_string(),
            "added": added,
            "changed": changed,
            "removed": gone,
        });
        say::json(&document)?;
    } else {
        for pair in added {
            let value = shown.value(&pair.key, pair.text.as_bytes());
            say::out(format_args!("+ {} = {value}", pair.key))?;
        }
        for pair in changed {
            let from = match before.value(&pair.key) {
                Some(value) => shown.value(&pair.key, value),
                None => "(a value that Spin cannot read)".to_owned(),
            };
            let to = shown.value(&pair.key, pair.text.as_bytes());
            say::out(format_args!("~ {} = {from} -> {to}", pair.key))?;
        }
        for key in gone {
            say::out(format_args!(
                "- {} (by `push --prune` only)",
                say::part(key)
            ))?;
        }
        if !differs {
            say::err(format_args!(
                "no difference: {destination} has what the file has"
            ))?;
        }
        if types.is_none() {
            super::say_untyped()?;
        }
    }
    Ok(if differs && arguments.exit_code {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
