//! `edgezero config validate`: everything that would keep the app from its stores, its
//! configuration and its secrets, in one run.

mod secrets;
pub(super) mod stores;
mod variables;

use std::collections::HashSet;
use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;
use edgezero_manifest::ManifestError;
use serde_json::json;

use super::finding::{Finding, Severity};
use super::values::Values;
use crate::arguments::{Format, Validate};
use crate::document::Malformed;
use crate::project::Project;
use crate::say;
use crate::spin::{self, Spin};
use crate::typed::AppTypes;

pub(super) fn run(
    project: &Project,
    arguments: &Validate,
    types: Option<&AppTypes>,
) -> anyhow::Result<ExitCode> {
    let mut findings = Vec::new();
    let manifest = &project.document;
    for foreign in &project.manifest.foreign {
        let (key, instead) = (&foreign.key, &foreign.instead);
        let message = format!("{key} has no effect here: {instead}");
        findings.push(Finding::note(manifest.path(), foreign.line, message));
    }
    let ids = |section: &Option<edgezero_manifest::StoreIds>| {
        section.as_ref().map_or(0, |stores| stores.ids.len())
    };
    if ids(&project.manifest.stores.secrets) > 1 {
        findings.push(Finding::warning(
            manifest.path(),
            manifest.line_of(&["stores", "secrets", "ids"]),
            "[stores.secrets] has several ids, and Spin one space of variables for them all: a \
             secret's name means the same secret in each",
        ));
    }
    let spin = match spin::read(project, &arguments.files) {
        Ok(app) => {
            let found = app.findings().iter();
            findings.extend(found.filter_map(|found| Finding::of_spin(project, found)));
            Spin::new(project, app)
        }
        Err(error) => Err(error),
    };
    let spin = spin
        .map_err(|error| findings.push(unread(&project.spin_toml_path(), &error)))
        .ok();
    variables::check(project, spin.as_ref(), &mut findings);
    if let Some(spin) = &spin {
        stores::check(project, spin, &mut findings);
    }
    for problem in types.map_or_else(Vec::new, |types| types.problems(project)) {
        let line = manifest.line_of(&["stores", "config", "ids"]);
        findings.push(Finding::error(manifest.path(), line, problem));
    }
    values(project, arguments, types, spin.as_ref(), &mut findings)?;
    // What is wrong with a label was found with the app's files, too.
    let mut known = HashSet::new();
    findings.retain(|finding| known.insert((finding.file.clone(), finding.message.clone())));
    if arguments.strict {
        for finding in &mut findings {
            if finding.severity == Severity::Warning {
                finding.severity = Severity::Error;
            }
        }
    }
    let failed = findings.iter().any(|f| f.severity == Severity::Error);
    print(&findings, arguments.format)?;
    if findings.is_empty() && arguments.format == Format::Text {
        say::err(format_args!("no findings"))?;
    }
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Checks the configuration of each store, or of the one that is named.
fn values(
    project: &Project,
    arguments: &Validate,
    types: Option<&AppTypes>,
    spin: Option<&Spin>,
    findings: &mut Vec<Finding>,
) -> anyhow::Result<()> {
    let default = project.default_config();
    let ids = match (&arguments.store, &project.manifest.stores.config) {
        (Some(id), _) => vec![project.config_store(Some(id))?],
        (None, Some(stores)) => stores.ids.clone(),
        // The types tell that there is a configuration.
        (None, None) => types.map(|_| default.to_owned()).into_iter().collect(),
    };
    for id in ids {
        let told = arguments.app_config.as_deref();
        let told = told.filter(|_| arguments.store.is_some() || id == default);
        let path = project.app_config_path(told, &id);
        let has_type = types.is_some_and(|types| types.of_store(project, &id).is_some());
        // A store that is not the default may be filled in another way.
        if told.is_none() && id != default && !has_type && !path.exists() {
            continue;
        }
        let types = super::types_of(project, types, &id)?;
        match Values::read(project, &id, told, arguments.no_env, types) {
            Ok(values) => {
                if let Some(types) = types {
                    secrets::check(project, types, &values, spin, findings);
                }
                findings.extend(values.findings);
            }
            Err(error) => findings.push(unread(&path, &error)),
        }
    }
    Ok(())
}

/// What is wrong with a manifest that cannot be read is all that is found.
pub(super) fn unreadable(
    manifest: &Path,
    error: &anyhow::Error,
    format: Format,
) -> anyhow::Result<ExitCode> {
    if format == Format::Text {
        bail!("{error:#}");
    }
    let path = std::path::absolute(manifest).unwrap_or_else(|_| manifest.to_owned());
    let findings: Vec<_> = match error.downcast_ref::<ManifestError>() {
        Some(wrong) => wrong
            .problems()
            .iter()
            .map(|problem| Finding::error(&path, problem.line(), problem.message()))
            .collect(),
        None => vec![unread(&path, error)],
    };
    print(&findings, format)?;
    Ok(ExitCode::FAILURE)
}

/// A file that cannot be used.
fn unread(path: &Path, error: &anyhow::Error) -> Finding {
    if let Some(found) = error.downcast_ref::<edgezero_spin_app::Finding>() {
        return Finding::located(path, found);
    }
    match error.downcast_ref::<Malformed>() {
        Some(malformed) => {
            Finding::error(&malformed.path, malformed.line, malformed.message.clone())
        }
        None => Finding::error(path, 1, format!("{error:#}")),
    }
}

fn print(findings: &[Finding], format: Format) -> anyhow::Result<()> {
    match format {
        Format::Text => {
            for finding in findings {
                say::out(format_args!("{finding}"))?;
            }
        }
        Format::Json => {
            let findings: Vec<_> = findings
                .iter()
                .map(|finding| {
                    json!({
                        "severity": finding.severity.as_str(),
                        "file": finding.file.display().to_string(),
                        "line": finding.line,
                        "message": finding.message,
                    })
                })
                .collect();
            say::json(&json!({ "findings": findings }))?;
        }
    }
    Ok(())
}
