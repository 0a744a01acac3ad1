//! `edgezero config diff`: what a push would change.

use std::process::ExitCode;

use anyhow::bail;
use serde_json::json;

use super::changes::{Before, Change, Shown};
use super::destination::Destination;
use super::difference;
use super::envelope;
use super::shared;
use super::values::Values;
use crate::arguments::{Diff, Format};
use crate::project::Project;
use crate::say;
use crate::spin::Spin;
use crate::typed::AppTypes;

pub(super) fn run(
    project: &Project,
    arguments: &Diff,
    types: Option<&AppTypes>,
) -> anyhow::Result<ExitCode> {
    let source = &arguments.source;
    let id = project.config_store(source.store.as_deref())?;
    let types = super::fitting_types(project, types, &id)?;
    let told = source.app_config.as_deref();
    let values = Values::read(project, &id, told, source.no_env, types)?;
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
    let before = Before::read(file, label, &id, &pairs, own)?;
    before.say_unreadable(label, file)?;
    if before.has_envelope {
        envelope::say_found(&id)?;
    }
    let shown = Shown { types, spin: &spin };
    let differs = !before.has_all(&pairs);
    if arguments.format == Format::Json {
        let new = |key: &str, text: &str| shown.value(key, text.as_bytes());
        let old = |key: &str| before.value(key).map(|value| shown.value(key, value));
        let of = |wanted: Change| {
            let (pairs, before) = (pairs.iter(), &before);
            pairs.filter(move |pair| before.change(pair) == wanted)
        };
        let added: Vec<_> = of(Change::Added)
            .map(|p| json!({ "key": p.key, "value": new(&p.key, &p.text) }))
            .collect();
        let changed: Vec<_> = of(Change::Changed)
            .map(|p| json!({ "key": p.key, "from": old(&p.key), "to": new(&p.key, &p.text) }))
            .collect();
        let document = json!({
            "label": label.as_str(),
            "file": file.display().to_string(),
            "added": added,
            "changed": changed,
            "removed": before.others,
        });
        say::json(&document)?;
    } else {
        let gone = " (by `push --prune` only)";
        let lines = difference::lines(&shown, &pairs, &before, gone);
        say::bytes(say::lines(lines).as_bytes())?;
        if !differs {
            say::err(format_args!(
                "no difference: {destination} has what the file has"
            ))?;
        }
    }
    Ok(if differs && arguments.exit_code {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
