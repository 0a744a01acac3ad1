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

mod error;
mod ids;
mod raw;

pub use error::ManifestError;
pub use ids::StoreIds;

/// What `edgezero.toml` says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Manifest {
    /// `name` of `[app]`.
    pub name: String,
    /// `[stores]`.
    pub stores: Stores,
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
/// The table `[adapters]` is left to the command line.
///
/// # Errors
/// [`ManifestError`] for a text that is no TOML, an unknown key, a missing one, an id
/// that environment variables could not name, two ids that differ in case only, or a
/// default that is missing or is none of the ids.
pub fn parse(text: &str) -> Result<Manifest, ManifestError> {
    let raw: raw::Manifest = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        ManifestError::new(text, at, error.message())
    })?;
    if raw.app.name.get_ref().trim().is_empty() {
        let at = raw.app.name.span().start;
        return Err(ManifestError::new(text, at, "the app's name is empty"));
    }
    let ids = |section: Option<raw::Section>| section.map(|s| ids::check(text, s)).transpose();
    Ok(Manifest {
        name: raw.app.name.into_inner(),
        stores: Stores {
            kv: ids(raw.stores.kv)?,
            config: ids(raw.stores.config)?,
            secrets: ids(raw.stores.secrets)?,
        },
    })
}
