//! Variables that look as if they configured a store, and configure none.

use std::fmt;

use super::{PREFIX, StoreKind};
use crate::app_config::nearest;

/// What the names of all variables of EdgeZero begin with.
const ANY: &str = "EDGEZERO__";

/// A variable that has no effect: no declared store has a setting of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StrayVariable {
    /// Its name.
    pub name: String,
    /// The variable that was probably meant.
    pub meant: Option<String>,
}

impl fmt::Display for StrayVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the variable {} has no effect: it does not match any store that edgezero.toml declares",
            self.name.escape_debug()
        )?;
        match &self.meant {
            Some(meant) => write!(f, "; did you mean {meant}?"),
            None => Ok(()),
        }
    }
}

/// The variables among `names` that begin with [`PREFIX`], or nearly so, and match no
/// setting of the stores with these ids; in the order of their names.
///
/// ```
/// use edgezero_store_traits::store_label::stray_variables;
///
/// let names = ["EDGEZERO__STORES__KV__VISTS__NAME", "PATH"];
/// let stray = stray_variables(&["visits"], &["app_config"], names);
/// assert_eq!(
///     stray[0].meant.as_deref(),
///     Some("EDGEZERO__STORES__KV__VISITS__NAME")
/// );
/// assert_eq!(stray.len(), 1);
/// ```
pub fn stray_variables<N: AsRef<str>>(
    kv: &[impl AsRef<str>],
    config: &[impl AsRef<str>],
    names: impl IntoIterator<Item = N>,
) -> Vec<StrayVariable> {
    let kv = kv
        .iter()
        .flat_map(|id| StoreKind::Kv.variables(id.as_ref()));
    let config = config
        .iter()
        .flat_map(|id| StoreKind::Config.variables(id.as_ref()));
    let known: Vec<String> = kv.chain(config).collect();
    let mut stray = Vec::new();
    for name in names {
        let name = name.as_ref();
        if !name.starts_with(ANY) || known.iter().any(|known| known == name) {
            continue;
        }
        let meant = nearest(name, known.iter().map(String::as_str));
        // Other parts of EdgeZero have variables of their own.
        if name.starts_with(PREFIX) || meant.is_some() {
            stray.push(StrayVariable {
                name: name.to_owned(),
                meant: meant.map(str::to_owned),
            });
        }
    }
    stray.sort_by(|one, other| one.name.cmp(&other.name));
    stray
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stray(names: &[&str]) -> Vec<String> {
        let stray = stray_variables(&["visits", "cache_b"], &["app_config"], names);
        stray.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn settings_of_declared_stores_and_variables_of_others_are_not_stray() {
        let none: [String; 0] = [];
        let names = [
            "EDGEZERO__STORES__KV__VISITS__NAME",
            "EDGEZERO__STORES__KV__CACHE_B__MAX_LIST_KEYS",
            "EDGEZERO__STORES__CONFIG__APP_CONFIG__NAME",
            "EDGEZERO__ADAPTER__HOST",
            "EDGEZERO__ADAPTER__PORT",
            "EDGEZERO_MANIFEST",
            "SHOP__STORES__KV__VISTS__NAME",
            "",
        ];
        assert_eq!(stray(&names), none);
    }

    #[test]
    fn what_matches_no_store_is_named_with_what_was_meant() {
        let start = |name: &str| {
            format!(
                "the variable {name} has no effect: it does not match any store that \
                 edgezero.toml declares"
            )
        };
        for (name, meant) in [
            (
                "EDGEZERO__STORES__KV__VISTS__NAME",
                "EDGEZERO__STORES__KV__VISITS__NAME",
            ),
            (
                "EDGEZERO__STORES__KV__visits__NAME",
                "EDGEZERO__STORES__KV__VISITS__NAME",
            ),
            (
                "EDGEZERO__STORES__KV__CACHE_B__MAX_LIST_KEY",
                "EDGEZERO__STORES__KV__CACHE_B__MAX_LIST_KEYS",
            ),
            (
                "EDGEZERO__STORE__CONFIG__APP_CONFIG__NAME",
                "EDGEZERO__STORES__CONFIG__APP_CONFIG__NAME",
            ),
        ] {
            let message = format!("{}; did you mean {meant}?", start(name));
            assert_eq!(stray(&[name]), [message]);
        }
        let far = "EDGEZERO__STORES__SECRETS__A_LONG_NAME_OF_A_VAULT__NAME";
        assert_eq!(stray(&[far]), [start(far)]);
        let control = "EDGEZERO__STORES__\u{1b}[2J";
        assert!(!stray(&[control])[0].contains('\u{1b}'));
    }
}
