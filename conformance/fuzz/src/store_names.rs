//! The variables that name an app's stores: the app and the command take them alike.

use edgezero_store_traits::Label;
use edgezero_store_traits::app::{Metadata, StoreIds, StoreNames};
use edgezero_store_traits::store_label::StoreKind;

use crate::input;

const METADATA: Metadata = Metadata {
    name: "shop",
    kv: Some(StoreIds::new(
        &["sessions", "cache_b", "camelCase"],
        "sessions",
    )),
    config: Some(StoreIds::new(&["app_config"], "app_config")),
    secrets: None,
};

/// Takes lines of variables.
pub fn target(data: &[u8]) {
    let Some([text]) = input::texts(data) else {
        return;
    };
    let variables = input::variables(text);
    let get = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let by_command = |kind: StoreKind, id: &str| {
        let label = kind.label(id, None, get).ok()?;
        Some(label.as_str().to_owned())
    };
    match StoreNames::new(&METADATA, get) {
        Ok(names) => {
            for name in &names.kv {
                let label = name.label.as_str();
                assert_eq!(by_command(StoreKind::Kv, name.id).as_deref(), Some(label));
                is_label(label);
            }
            for (id, label) in &names.config {
                assert_eq!(
                    by_command(StoreKind::Config, id).as_deref(),
                    Some(label.as_str())
                );
                is_label(label.as_str());
            }
        }
        Err(error) => {
            let error = error.to_string();
            assert!(error.contains("EDGEZERO__STORES__"), "{error}");
            // Whatever text is in it, it is shown in one line.
            assert!(!error.contains(char::is_control), "{error:?}");
        }
    }
}

/// Nothing in it means anything to a shell, a path or a URL.
fn is_label(label: &str) {
    assert!(label.len() <= Label::MAX_BYTES);
    assert!(label.starts_with(|first: char| first.is_ascii_alphabetic()));
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    assert!(label.chars().all(is_part), "{label:?}");
}
