//! What `spin up` would do with an app's files, without running it: where each label is
//! kept, where each variable's value comes from, and why Spin would not start.
//!
//! The rules are those of Spin 4.1. They are compared with a real Spin by the tests.
//!
//! ```
//! use edgezero_spin_app::{Environment, Options, Origin, SpinApp};
//! use secrecy::ExposeSecret;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! std::fs::write(folder.join("app.wasm"), b"\0asm")?;
//! std::fs::write(
//!     folder.join("spin.toml"),
//!     r#"
//! spin_manifest_version = 2
//! application.name = "shop"
//! [variables]
//! upstream_key = { required = true, secret = true }
//! [[trigger.http]]
//! route = "/..."
//! component = "shop"
//! [component.shop]
//! source = "app.wasm"
//! key_value_stores = ["default", "cache"]
//! variables.api_key = "{{ upstream_key }}"
//! "#,
//! )?;
//! let environment = [("SPIN_VARIABLE_UPSTREAM_KEY", "s3cret")].into_iter().collect();
//! let app = SpinApp::read(&Options::new("spin.toml", folder).with_environment(environment));
//!
//! // `default` needs no stanza; `cache` does, and Spin does not start without it.
//! let file = folder.join(".spin/sqlite_key_value.db");
//! assert_eq!(app.store("default")?.file(), Some(file.as_path()));
//! let refusal = app.refusals().next().expect("a refusal");
//! assert_eq!(refusal.line(), Some(11));
//! assert!(refusal.remedy().contains("[key_value_store.cache]"));
//!
//! let component = app.component(None)?;
//! let api_key = component.variable("api_key").expect("it is declared");
//! assert_eq!(api_key.value()?.expose_secret(), "s3cret");
//! assert_eq!(
//!     *api_key.sources()[0].origin(),
//!     Origin::Environment { variable: "SPIN_VARIABLE_UPSTREAM_KEY".to_owned() },
//! );
//! # Ok(())
//! # }
//! ```
//!
//! # What is not modelled
//! What is in the component's Wasm (what it imports and exports, apart from how the file
//! begins and whether it can be a Wagi program), `spin build`,
//! profiles, what Spin fetches from other machines, and the options of `spin up` that
//! [`Options`] does not have. Where the answer hangs on one of them, there is a finding
//! with [`Effect::CannotTell`], or none.

#![forbid(unsafe_code)]

mod access;
mod app;
mod component;
mod dot_env;
mod file;
mod finding;
mod input;
mod manifest;
mod names;
mod options;
mod reader;
mod runtime_config;
mod store;
mod template;
mod tree;
mod variables;

pub use toml_edit;

pub use self::app::SpinApp;
pub use self::component::Component;
pub use self::file::TomlFile;
pub use self::finding::{Effect, Finding, Place};
pub use self::input::check_file;
pub use self::manifest::OutboundHosts;
pub use self::options::{Environment, Options};
pub use self::store::{Backend, Cosmos, Dynamo, Redis, Store, path_line, stanza};
pub use self::variables::{Origin, Source, Variable};

/// The label that needs no stanza.
pub const DEFAULT_LABEL: &str = "default";

/// The folder beside spin.toml in which Spin keeps its files, unless it is told another.
pub const DEFAULT_STATE_DIR: &str = ".spin";

/// The file of the state folder in which Spin keeps the label [`DEFAULT_LABEL`].
pub const DEFAULT_FILE: &str = "sqlite_key_value.db";

/// The variable of the environment that names the runtime config, where no option does.
pub const RUNTIME_CONFIG_VARIABLE: &str = "RUNTIME_CONFIG_FILE";

/// What the name of an environment variable begins with that gives a variable of the
/// application its value: `SPIN_VARIABLE_<NAME IN CAPITALS>`.
pub const VARIABLE_PREFIX: &str = "SPIN_VARIABLE";

/// The file of such variables in Spin's working folder.
pub const DOT_ENV: &str = ".env";
