//! What the app's own program knows of its configurations.

pub(super) use edgezero_store_traits::app_config::ConfigType as Types;
use edgezero_store_traits::app_config::ConfigTypes;

use super::project::Project;

/// The types of all of the app's configurations.
pub(super) struct AppTypes(Vec<Types>);

impl AppTypes {
    pub(super) fn of<C: ConfigTypes>() -> Self {
        Self(C::config_types())
    }

    /// The type of the configuration store `id`.
    pub(super) fn of_store(&self, project: &Project, id: &str) -> Option<&Types> {
        self.0.iter().find(|types| store(project, types) == id)
    }

    /// The stores that no type can be read from, or more than one: each with what is wrong.
    pub(super) fn problems(&self, project: &Project) -> Vec<String> {
        let stores = project.manifest.stores.config.as_ref();
        let ids = stores.map_or(&[][..], |stores| &stores.ids);
        let mut problems = Vec::new();
        for (n, types) in self.0.iter().enumerate() {
            let id = store(project, types);
            if !ids.iter().any(|known| known == id) {
                if types.store.is_some() {
                    problems.push(format!(
                        "a type of the app has #[app_config(store = {id:?})], which [stores.config] \
                         does not have; its ids are: {}",
                        ids.join(", ")
                    ));
                }
            } else if self.0[..n].iter().any(|other| store(project, other) == id) {
                problems.push(format!(
                    "two types of the app are for the configuration store {id}: give one of them \
                     #[app_config(store = \"<id>\")] with another id"
                ));
            }
        }
        problems
    }
}

/// The id of a type's store.
fn store<'a>(project: &'a Project, types: &Types) -> &'a str {
    types.store.unwrap_or(project.default_config())
}
