//! Spin's manifest, and which component of it is the app.

use std::path::PathBuf;

use anyhow::bail;
use toml_edit::{Key, TableLike, Value};

use super::document::Document;

pub(super) struct SpinToml {
    pub(super) document: Document,
    component: String,
}

impl SpinToml {
    /// `named` is `component` of `[adapters.spin.adapter]`.
    pub(super) fn new(document: Document, named: Option<&str>) -> anyhow::Result<Self> {
        let path = document.path().display();
        let components = document.get(&["component"]).and_then(|c| c.as_table_like());
        let ids: Vec<String> = components.map_or_else(Vec::new, |table| {
            let tables = table.iter().filter(|(_, item)| item.is_table_like());
            tables.map(|(id, _)| id.to_owned()).collect()
        });
        let component = match (named, ids.as_slice()) {
            (_, []) => {
                bail!("{path} has no component: add one, [component.<id>] with the app's `source`")
            }
            (Some(named), ids) if ids.iter().any(|id| id == named) => named.to_owned(),
            (Some(named), ids) => bail!(
                "{path} has no component {named:?}, which `component` of [adapters.spin.adapter] \
                 in edgezero.toml names; it has: {}",
                keys(ids)
            ),
            (None, [only]) => only.clone(),
            (None, ids) => bail!(
                "{path} has {} components: {}. Say in edgezero.toml which is the app:\n\n\
                 [adapters.spin.adapter]\ncomponent = {}\n",
                ids.len(),
                keys(ids),
                on_one_line(&ids[0])
            ),
        };
        Ok(Self {
            document,
            component,
        })
    }

    /// The id of the app's component.
    pub(super) fn component(&self) -> &str {
        &self.component
    }

    /// The same as it is written in `[component.<id>]`.
    pub(super) fn component_key(&self) -> String {
        Key::new(&self.component).to_string()
    }

    /// `[application].name`: the app's name on Fermyon Cloud.
    pub(super) fn application(&self) -> Option<&str> {
        self.document.text(&["application", "name"])
    }

    /// The labels that the component may open.
    pub(super) fn labels(&self) -> Vec<&str> {
        let list = self
            .document
            .get(&["component", &self.component, "key_value_stores"]);
        let list = list.and_then(|item| item.as_array());
        list.map_or_else(Vec::new, |list| {
            list.iter().filter_map(Value::as_str).collect()
        })
    }

    /// What the component finds in its environment.
    pub(super) fn environment(&self, name: &str) -> Option<&str> {
        self.document
            .text(&["component", &self.component, "environment", name])
    }

    /// What a variable of the component is made of, `{{ name }}` for one of the
    /// application's.
    pub(super) fn binding(&self, name: &str) -> Option<&str> {
        self.document
            .text(&["component", &self.component, "variables", name])
    }

    /// A variable of the application.
    pub(super) fn variable(&self, name: &str) -> Option<&dyn TableLike> {
        self.document.get(&["variables", name])?.as_table_like()
    }

    /// The file that is the component's source; `None` where it is fetched from elsewhere.
    pub(super) fn source(&self) -> Option<PathBuf> {
        let source = self
            .document
            .text(&["component", &self.component, "source"])?;
        Some(self.document.folder().join(source))
    }

    /// The line of something in the component's table.
    pub(super) fn line_of(&self, keys: &[&str]) -> usize {
        let mut whole = vec!["component", &self.component];
        whole.extend(keys);
        self.document.line_of(&whole)
    }
}

fn keys(ids: &[String]) -> String {
    let keys: Vec<_> = ids.iter().map(|id| Key::new(id).to_string()).collect();
    keys.join(", ")
}

/// A string, which toml_edit would write on two lines where it has a line break.
fn on_one_line(text: &str) -> String {
    let key = Key::new(text).to_string();
    if key.starts_with(['"', '\'']) {
        key
    } else {
        format!("\"{key}\"")
    }
}
