//! An app's configuration as a push stores it: texts by dotted key.

use std::ffi::OsString;
use std::path::Path;

use edgezero_store_traits::AppConfig;

use super::config::finding::Severity;
use super::config::values::{Prefix, Values};
use super::document::Document;
use super::typed::Types;

/// A configuration, with the environment's values over it.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Flat {
    /// What a push would store, in the order of the file.
    pub pairs: Vec<FlatPair>,
    /// What is wrong with the configuration.
    pub problems: Vec<Problem>,
}

/// A key and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlatPair {
    /// The dotted key.
    pub key: String,
    /// The text.
    pub text: String,
    /// Where the file has it, counted from 1.
    pub line: usize,
}

/// Something wrong with a configuration. It does not show a value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// Where in the file, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// Whether nothing may be pushed for it.
    pub is_error: bool,
}

/// The text is not TOML.
#[derive(Clone, Debug, thiserror::Error)]
#[error("line {line}: {message}")]
#[non_exhaustive]
pub struct NotToml {
    /// Where, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// Flattens the TOML text of a configuration. A variable `<APP>__SECTION__KEY` of
/// `variables` takes the place of `section.key`.
///
/// ```
/// let flat = edgezero_cli::flat::flatten("[page]\nnames = 20\n", "shop", [])?;
/// assert_eq!(flat.pairs[0].key, "page.names");
/// assert_eq!(flat.pairs[0].text, "20");
/// # Ok::<(), edgezero_cli::flat::NotToml>(())
/// ```
///
/// # Errors
/// [`NotToml`]. All else that is wrong is among [`Flat::problems`].
pub fn flatten(
    text: &str,
    app: &str,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Flat, NotToml> {
    flat(text, app, variables, None)
}

/// [`flatten`], and checks that the app could read the texts back as a `C`.
///
/// # Errors
/// As [`flatten`].
pub fn flatten_typed<C: AppConfig>(
    text: &str,
    app: &str,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Flat, NotToml> {
    flat(text, app, variables, Some(&Types::of::<C>()))
}

fn flat(
    text: &str,
    app: &str,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
    types: Option<&Types>,
) -> Result<Flat, NotToml> {
    let document = Document::parse(Path::new(""), text.to_owned()).map_err(|error| NotToml {
        line: error.line,
        message: error.message,
    })?;
    let values = Values::of(
        &document,
        &Prefix::of_app(app),
        variables.into_iter(),
        types,
    );
    let pairs = values.pairs.into_iter().map(|pair| FlatPair {
        key: pair.key,
        text: pair.text,
        line: pair.line,
    });
    let problems = values.findings.into_iter().map(|finding| Problem {
        line: finding.line,
        message: finding.message,
        is_error: finding.severity == Severity::Error,
    });
    Ok(Flat {
        pairs: pairs.collect(),
        problems: problems.collect(),
    })
}
