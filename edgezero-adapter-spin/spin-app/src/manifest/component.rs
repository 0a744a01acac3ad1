//! A component's table.

use std::collections::BTreeMap;

use super::{build, dependencies, files};
use crate::names::Rule;
use crate::reader::{Report, Table, Text};
use crate::template::{self, Part};
use crate::tree::{Kind, Member, Node};

/// A component as spin.toml has it.
pub(crate) struct ComponentTable {
    pub(crate) id: String,
    pub(crate) at: usize,
    /// Written in a trigger, where Spin gives it an id.
    pub(crate) in_trigger: bool,
    pub(crate) source: Option<Source>,
    /// Each label with its place.
    pub(crate) labels: Vec<(String, usize)>,
    pub(crate) databases: Vec<(String, usize)>,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) variables: Vec<Binding>,
    pub(crate) hosts: Vec<(String, usize)>,
    pub(crate) http_hosts: Vec<(String, usize)>,
    pub(super) files: files::Files,
    pub(super) dependencies: dependencies::Dependencies,
    /// The keys of it that a dependency may not have.
    pub(super) resources: Vec<&'static str>,
}

/// Where a component's Wasm comes from.
#[derive(Clone)]
pub(crate) enum Source {
    /// Relative to spin.toml.
    Local(String, usize),
    /// A URL or a registry.
    Elsewhere,
}

/// A variable of a component.
pub(crate) struct Binding {
    pub(crate) name: String,
    pub(crate) at: usize,
    /// `None` where it is not a template.
    pub(crate) parts: Option<Vec<Part>>,
}

const KEYS: [&str; 17] = [
    "source",
    "description",
    "variables",
    "environment",
    "files",
    "exclude_files",
    "allowed_http_hosts",
    "allowed_outbound_hosts",
    "key_value_stores",
    "sqlite_databases",
    "ai_models",
    "targets",
    "build",
    "tool",
    "dependencies_inherit_configuration",
    "dependencies",
    "profile",
];

/// The components below `[component]`.
pub(super) fn read(root: &Table<'_>, report: &mut Report<'_>) -> Vec<ComponentTable> {
    if let Some(member) = root.get("component")
        && matches!(member.node.kind, Kind::List(_))
    {
        report.refuse(
            member.at,
            "a [[component]] is of version 1 of Spin's manifest, and this one is of version 2",
            "write [component.<id>] in place of [[component]] and its `id`",
        );
        return Vec::new();
    }
    let Some(table) = root.table("component", "[component]", report) else {
        return Vec::new();
    };
    let mut components = Vec::new();
    for member in table.members {
        let id = &member.name;
        if let Some(rule) = Rule::Component.refusal(id) {
            report.refuse(
                member.at,
                format!("Spin refuses the component id `{id}`"),
                rule,
            );
            continue;
        }
        let name = format!("[component.{id}]");
        if let Some(table) = Table::from_node(&member.node, member.at, name, report) {
            components.push(ComponentTable::read(id.clone(), &table, false, report));
        }
    }
    components
}

impl ComponentTable {
    pub(super) fn read(
        id: String,
        table: &Table<'_>,
        in_trigger: bool,
        report: &mut Report<'_>,
    ) -> Self {
        table.only(&KEYS, report);
        table.text("description", report);
        texts(table, "ai_models", report);
        build::targets(table, report);
        build::tools(table, report);
        build::build(table, &["command", "workdir", "watch"], report);
        profiles(table, report);
        let source = match table.get("source") {
            Some(member) => source(member, &table.of("source"), report),
            None => {
                let wanted = "the path of the component's Wasm file, relative to this file";
                table.missing("source", wanted, report);
                None
            }
        };
        let environment = table.map("environment", report);
        let environment = environment.into_iter();
        Self {
            id,
            at: table.at,
            in_trigger,
            source,
            labels: labels(table, "key_value_stores", report),
            databases: labels(table, "sqlite_databases", report),
            environment: environment
                .map(|(name, _, value)| (name.to_owned(), value.text.to_owned()))
                .collect(),
            variables: bindings(table, report),
            hosts: texts(table, "allowed_outbound_hosts", report),
            http_hosts: texts(table, "allowed_http_hosts", report),
            files: files::Files::read(table, report),
            dependencies: dependencies::Dependencies::read(table, report),
            resources: resources(table),
        }
    }
}

/// The keys with something in them that a component which is used as a dependency may
/// not have.
fn resources(table: &Table<'_>) -> Vec<&'static str> {
    let full = |member: &Member| match &member.node.kind {
        Kind::List(list) => !list.is_empty(),
        Kind::Table(members) => !members.is_empty(),
        _ => false,
    };
    let mut keys = vec![
        "ai_models",
        "allowed_http_hosts",
        "allowed_outbound_hosts",
        "dependencies",
        "environment",
        "files",
        "key_value_stores",
        "sqlite_databases",
        "variables",
    ];
    keys.retain(|key| table.get(key).is_some_and(full));
    keys
}

fn owned(texts: Vec<Text<'_>>) -> Vec<(String, usize)> {
    let texts = texts.into_iter();
    texts.map(|text| (text.text.to_owned(), text.at)).collect()
}

fn texts(table: &Table<'_>, key: &str, report: &mut Report<'_>) -> Vec<(String, usize)> {
    owned(table.texts(key, report))
}

fn labels(table: &Table<'_>, key: &str, report: &mut Report<'_>) -> Vec<(String, usize)> {
    let mut labels = texts(table, key, report);
    labels.retain(|(label, at)| match Rule::Label.refusal(label) {
        None => true,
        Some(rule) => {
            report.refuse(*at, format!("Spin refuses the label `{label}`"), rule);
            false
        }
    });
    labels
}

fn bindings(table: &Table<'_>, report: &mut Report<'_>) -> Vec<Binding> {
    let mut bindings = Vec::new();
    for (name, at, template) in table.map("variables", report) {
        if let Some(rule) = Rule::Variable.refusal(name) {
            report.refuse(at, format!("Spin refuses the variable `{name}`"), rule);
            continue;
        }
        let parts = template::parse(template.text);
        if parts.is_none() {
            report.refuse(
                at,
                format!("the variable `{name}` has a `{{{{` without a `}}}}` after it"),
                format!("write {name} = \"{{{{ <variable of the application> }}}}\""),
            );
        }
        bindings.push(Binding {
            name: name.to_owned(),
            at,
            parts,
        });
    }
    bindings
}

/// A path, or a table that says where to get the file.
pub(super) fn source(member: &Member, what: &str, report: &mut Report<'_>) -> Option<Source> {
    let is_text = |node: &Node| matches!(node.kind, Kind::Text(_));
    match &member.node.kind {
        Kind::Text(path) => return Some(Source::Local(path.clone(), member.at)),
        Kind::Table(members) if members.iter().all(|member| is_text(&member.node)) => {
            let mut keys: Vec<_> = members.iter().map(|member| member.name.as_str()).collect();
            keys.sort_unstable();
            match keys.as_slice() {
                ["digest", "url"] => {
                    let digest = members.iter().find(|member| member.name == "digest");
                    if let Some(digest) = digest
                        && let Kind::Text(text) = &digest.node.kind
                        && !text.starts_with("sha256:")
                    {
                        report.refuse(
                            digest.at,
                            format!("`digest` of {what} does not begin with sha256:"),
                            "write digest = \"sha256:<the file's SHA-256 in hexadecimal>\"",
                        );
                    }
                    return Some(Source::Elsewhere);
                }
                ["package", "version"] | ["package", "registry", "version"] => {
                    return Some(Source::Elsewhere);
                }
                _ => {}
            }
        }
        _ => {}
    }
    report.refuse(
        member.at,
        format!("{what} is none of the three forms that Spin takes"),
        "write \"<path>\", { url = \"…\", digest = \"sha256:…\" } or { registry = \"…\", \
         package = \"…\", version = \"…\" }",
    );
    None
}

/// `[component.<id>.profile.<name>]`.
fn profiles(table: &Table<'_>, report: &mut Report<'_>) {
    let Some(profiles) = table.table("profile", &table.of("profile"), report) else {
        return;
    };
    for member in profiles.members {
        let name = profiles.of(&member.name);
        let Some(profile) = Table::from_node(&member.node, member.at, name, report) else {
            continue;
        };
        profile.only(&["source", "environment", "dependencies", "build"], report);
        if let Some(member) = profile.get("source") {
            source(member, &profile.of("source"), report);
        }
        profile.map("environment", report);
        build::build(&profile, &["command"], report);
        dependencies::Dependencies::read(&profile, report);
    }
}
