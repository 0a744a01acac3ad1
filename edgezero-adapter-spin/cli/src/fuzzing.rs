//! What the command makes of texts that others wrote, as functions of the texts alone:
//! for the fuzz targets in `conformance/fuzz`. No API: it changes with the command.
#![allow(missing_docs, reason = "the fuzz targets say what they expect")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use edgezero_store_traits::AppConfig;

use super::config::values::Values;
use super::document::Document;
use super::provision::edit;
use super::runtime_config::{RuntimeConfig, Stanza};
use super::spin_toml::SpinToml;
use super::store;
use super::typed::Types;

/// The component that is the app, and the text with the labels that it did not list.
pub fn provision(
    spin_toml: &str,
    component: Option<&str>,
    labels: &[&str],
) -> anyhow::Result<(String, String)> {
    let document = Document::parse(Path::new("/app/spin.toml"), spin_toml.to_owned())?;
    let spin_toml = SpinToml::new(document, component)?;
    let listed = spin_toml.labels();
    let missing = labels.iter().filter(|label| !listed.contains(label));
    let missing: Vec<String> = missing.map(|label| (*label).to_owned()).collect();
    let component = spin_toml.component().to_owned();
    Ok((component, edit::with_labels(&spin_toml, &missing)?))
}

/// Where a runtime config keeps a label.
pub struct Kept {
    pub line: usize,
    pub file: Option<PathBuf>,
    /// What is said where it is no file.
    pub advice: Option<String>,
}

pub fn kept(runtime_config: &str, folder: &Path, label: &str) -> anyhow::Result<Kept> {
    let path = folder.join("runtime-config.toml");
    let config = RuntimeConfig::new(Document::parse(&path, runtime_config.to_owned())?);
    let (file, advice) = match config.stanza(label)? {
        Stanza::File(file) => (Some(file), None),
        Stanza::Missing | Stanza::Memory | Stanza::NoFile => (None, None),
        Stanza::Other { kind, url, table } => {
            let advice = store::own_command(&kind, url.as_deref(), table.as_deref());
            (None, Some(advice))
        }
    };
    Ok(Kept {
        line: config.line_of(label),
        file,
        advice,
    })
}

/// A configuration, flattened, with the variables over it.
pub struct Flattened {
    /// Key, text and line.
    pub pairs: Vec<(String, String, usize)>,
    /// Line and message; whether nothing may be pushed.
    pub findings: Vec<(usize, String, bool)>,
}

pub fn flattened<C: AppConfig>(
    text: &str,
    app: &str,
    variables: &[(&str, &str)],
    typed: bool,
) -> anyhow::Result<Flattened> {
    let document = Document::parse(Path::new("/app/app.toml"), text.to_owned())?;
    let variables = variables.iter();
    let variables = variables.map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let types = typed.then(Types::of::<C>);
    Ok(Values::of(&document, app, variables, types.as_ref()).flattened())
}

/// The label that the command takes for a store.
pub fn label(kind: &str, id: &str, get: impl Fn(&str) -> Option<String>) -> anyhow::Result<String> {
    let resolved = store::resolve_in(kind, id, None, get)?;
    Ok(resolved.label.as_str().to_owned())
}
