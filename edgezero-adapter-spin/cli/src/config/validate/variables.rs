//! Whether the variables `EDGEZERO__STORES__…` configure the app's stores.

use std::path::Path;

use edgezero_manifest::StoreIds;
use edgezero_store_traits::store_label::{max_list_keys, max_list_keys_variable, stray_variables};

use super::super::finding::Finding;
use crate::project::Project;
use crate::spin::Spin;

/// Looks at this environment, which `edgezero serve` hands over, and at the component's own.
pub(super) fn check(project: &Project, spin: Option<&Spin>, findings: &mut Vec<Finding>) {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let manifest = &project.document;
    let here = Variables {
        path: manifest.path(),
        line: &|_| manifest.line_of(&["stores"]),
        names: names.collect(),
        get: &|name| std::env::var(name).ok(),
    };
    here.check(project, findings);
    if let Some(spin) = spin {
        let environment = spin.component().environment();
        let own = Variables {
            path: spin.app.manifest_path(),
            line: &|name| spin.line_of(&["environment", name]),
            names: environment.keys().cloned().collect(),
            get: &|name| environment.get(name).cloned(),
        };
        own.check(project, findings);
    }
}

/// Variables, and where a finding about one of them points.
struct Variables<'a> {
    path: &'a Path,
    line: &'a dyn Fn(&str) -> usize,
    names: Vec<String>,
    get: &'a dyn Fn(&str) -> Option<String>,
}

impl Variables<'_> {
    fn check(&self, project: &Project, findings: &mut Vec<Finding>) {
        let stores = &project.manifest.stores;
        let ids = |stores: &'_ Option<StoreIds>| -> Vec<String> {
            stores
                .as_ref()
                .map(|stores| stores.ids.clone())
                .unwrap_or_default()
        };
        let (kv, config) = (ids(&stores.kv), ids(&stores.config));
        for stray in stray_variables(&kv, &config, &self.names) {
            let line = (self.line)(&stray.name);
            findings.push(Finding::warning(self.path, line, stray.to_string()));
        }
        for id in &kv {
            if let Err(error) = max_list_keys(id, self.get) {
                let line = (self.line)(&max_list_keys_variable(id));
                let message = format!("{error}; the app would not start");
                findings.push(Finding::error(self.path, line, message));
            }
        }
    }
}
