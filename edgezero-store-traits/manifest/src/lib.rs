//! `edgezero.toml`: an app's name, and the ids of the stores that it uses.
//!
//! One parser for the `app!` macro and the command line. An error has all problems, each
//! with its line.
//!
//! ```
//! let manifest = edgezero_manifest::parse(
//!     r#"
//!     [app]
//!     name = "shop"
//!
//!     [stores.kv]
//!     ids = ["sessions", "cache"]
//!     default = "sessions"
//!     "#,
//! )?;
//! assert_eq!(manifest.stores.kv.unwrap().default, "sessions");
//! # Ok::<(), edgezero_manifest::ManifestError>(())
//! ```

#![forbid(unsafe_code)]

mod adapter;
mod error;
mod foreign;
mod ids;
mod raw;
mod read;

pub use adapter::{Adapter, Commands, PushTarget};
pub use error::{ManifestError, ManifestProblem};
pub use foreign::Foreign;
pub use ids::StoreIds;

use error::Problems;
use ids::Kind;
use toml::Spanned;

/// What `edgezero.toml` says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Manifest {
    /// `name` of `[app]`. It is part of files' names, and so without `/`, `\` and control
    /// characters.
    pub name: String,
    /// `cli` of `[app]`: the package of the app's own command line, which knows its
    /// configuration by type.
    pub cli: Option<String>,
    /// `[stores]`.
    pub stores: Stores,
    /// `[adapters.spin]`.
    pub spin: Adapter,
    /// `[adapters.host]`.
    pub host: Adapter,
    /// What is for other parts of EdgeZero, in the order of the lines.
    pub foreign: Vec<Foreign>,
}

/// The stores of each kind; `None` where the app uses none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stores {
    /// `[stores.kv]`: key-value stores.
    pub kv: Option<StoreIds>,
    /// `[stores.config]`: configuration stores.
    pub config: Option<StoreIds>,
    /// `[stores.secrets]`: secret stores.
    pub secrets: Option<StoreIds>,
}

/// Reads the text of an `edgezero.toml`. What it has for other parts of EdgeZero is listed
/// in [`Manifest::foreign`].
///
/// # Errors
/// [`ManifestError`] for a text that is no TOML, an unknown key, a missing one, a name
/// that no file can have, an id that environment variables could not name, two ids
/// that differ in case only, a default that is missing or is none of the
/// ids, or a setting of a store that is none of the ids or cannot have it.
pub fn parse(text: &str) -> Result<Manifest, ManifestError> {
    let mut problems = Problems::new(text);
    let manifest = read::read(text, &mut problems).map(|(raw, foreign)| {
        let mut ids =
            |kind, section: Option<raw::Section>| ids::check(&mut problems, kind, section?);
        let stores = Stores {
            kv: ids(Kind::Kv, raw.stores.kv),
            config: ids(Kind::Config, raw.stores.config),
            secrets: ids(Kind::Secrets, raw.stores.secrets),
        };
        let (name, cli) = app(&mut problems, raw.app);
        Manifest {
            name,
            cli,
            stores,
            spin: raw.adapters.spin.into(),
            host: raw.adapters.host.into(),
            foreign,
        }
    });
    problems.finish(manifest)
}

/// The name of the app, and the package of its command line.
fn app(problems: &mut Problems<'_>, app: raw::App) -> (String, Option<String>) {
    if let Some(name) = &app.name
        && let Some(problem) = name_problem(name.get_ref())
    {
        problems.note(name.span().start, problem);
    }
    if let Some(cli) = &app.cli
        && !is_package(cli.get_ref())
    {
        let message = "cli is no package's name: name a package of the app's workspace";
        problems.note(cli.span().start, message);
    }
    let name = app.name.map(Spanned::into_inner);
    (name.unwrap_or_default(), app.cli.map(Spanned::into_inner))
}

/// Why files cannot be named after the app: `<name>.toml`, `crates/<name>-host`.
fn name_problem(name: &str) -> Option<&'static str> {
    if name.trim().is_empty() {
        Some("the app's name is empty")
    } else if name.contains(['/', '\\']) || name.contains(char::is_control) {
        Some("the app's name may hold no '/', '\\' or control character: files are named after it")
    } else {
        None
    }
}

/// Whether cargo could take it for a package, and not for an option.
fn is_package(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
