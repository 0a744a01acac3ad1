//! A component of the app.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::file::TomlFile;
use crate::finding::Place;
use crate::manifest::{ComponentTable, OutboundHosts, Source};
use crate::variables::Variable;

/// A component of the app.
pub struct Component {
    id: String,
    at: usize,
    place: Place,
    in_trigger: bool,
    source: Option<PathBuf>,
    labels: Vec<(String, Place)>,
    environment: BTreeMap<String, String>,
    variables: Vec<Variable>,
    outbound_hosts: OutboundHosts,
}

impl Component {
    pub(crate) fn new(
        table: &ComponentTable,
        folder: &Path,
        variables: Vec<Variable>,
        text: &TomlFile,
    ) -> Self {
        let labels = table.labels.iter();
        Self {
            id: table.id.clone(),
            at: table.at,
            place: text.place(table.at),
            in_trigger: table.in_trigger,
            source: match &table.source {
                Some(Source::Local(path, _)) => Some(folder.join(path)),
                _ => None,
            },
            labels: labels
                .map(|(label, at)| (label.clone(), text.place(*at)))
                .collect(),
            environment: table.environment.clone(),
            variables,
            outbound_hosts: OutboundHosts::new(table),
        }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Where spin.toml begins to describe it.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Whether it is written in its trigger, `[trigger.http.component]`, and has its id
    /// from Spin. Then there is no `[component.<id>]`.
    pub fn is_in_trigger(&self) -> bool {
        self.in_trigger
    }

    /// The component's Wasm file; `None` where Spin gets it from elsewhere.
    pub fn source(&self) -> Option<&Path> {
        self.source.as_deref()
    }

    /// The labels that it may open.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.labels.iter().map(|(label, _)| label.as_str())
    }

    /// Where spin.toml lists a label.
    pub fn label_place(&self, label: &str) -> Option<&Place> {
        let found = self.labels.iter().find(|(listed, _)| listed == label)?;
        Some(&found.1)
    }

    /// What it finds in its environment, apart from what `spin up --env` adds.
    pub fn environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    /// The servers that it may send requests to.
    pub fn outbound_hosts(&self) -> &OutboundHosts {
        &self.outbound_hosts
    }

    /// Its variables, in the order of spin.toml.
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The variable with this name; `None` where Spin answers `undefined`.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables
            .iter()
            .find(|variable| variable.name() == name)
    }
}

/// Without the values of its environment.
impl fmt::Debug for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Component")
            .field("id", &self.id)
            .field("place", &self.place)
            .field("source", &self.source)
            .field("labels", &self.labels)
            .field("variables", &self.variables)
            .finish_non_exhaustive()
    }
}
