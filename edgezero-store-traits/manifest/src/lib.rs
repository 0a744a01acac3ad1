//! `edgezero.toml`: an app's name, and the ids of the stores that it uses.
//!
//! One parser for the `app!` macro and the command line. An error names the line.
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
mod ids;
mod raw;

pub use adapter::{Adapter, Commands, PushTarget};
pub use error::ManifestError;
pub use ids::StoreIds;

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

/// Reads the text of an `edgezero.toml`.
///
/// In `[adapters]`, what is for other platforms than `spin` and `host` is passed over.
///
/// # Errors
/// [`ManifestError`] for a text that is no TOML, an unknown key, a missing one, a name
/// that no file can have, an id that environment variables could not name, two ids
/// that differ in case only, or a default that is missing or is none of the ids.
pub fn parse(text: &str) -> Result<Manifest, ManifestError> {
    let raw: raw::Manifest = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        ManifestError::new(text, at, error.message())
    })?;
    if let Some(problem) = name_problem(raw.app.name.get_ref()) {
        let at = raw.app.name.span().start;
        return Err(ManifestError::new(text, at, problem));
    }
    let ids = |section: Option<raw::Section>| section.map(|s| ids::check(text, s)).transpose();
    Ok(Manifest {
        name: raw.app.name.into_inner(),
        stores: Stores {
            kv: ids(raw.stores.kv)?,
            config: ids(raw.stores.config)?,
            secrets: ids(raw.stores.secrets)?,
        },
        cli: match raw.app.cli {
            Some(cli) if !is_package(cli.get_ref()) => {
                let message = "cli is no package's name: name a package of the app's workspace";
                return Err(ManifestError::new(text, cli.span().start, message));
            }
            cli => cli.map(toml::Spanned::into_inner),
        },
        spin: raw.adapters.spin.into(),
        host: raw.adapters.host.into(),
    })
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
