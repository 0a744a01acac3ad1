//! `[component.<id>.dependencies]`.

use super::component::ComponentTable;
use crate::names::Rule;
use crate::reader::{Report, Table};
use crate::tree::{Kind, Member};

/// What a component depends on.
#[derive(Default)]
pub(super) struct Dependencies {
    /// Other components of the app, by id.
    components: Vec<(String, usize)>,
}

const FORMS: [&[&str]; 5] = [
    // `export` and `inherit_configuration` go with each.
    &["version"],
    &["version", "package", "registry"],
    &["path"],
    &["url", "digest"],
    &["component"],
];

impl Dependencies {
    pub(super) fn read(table: &Table<'_>, report: &mut Report<'_>) -> Self {
        let for_all = table.boolean("dependencies_inherit_configuration", report);
        let mut dependencies = Self::default();
        let Some(table) = table.table("dependencies", &table.of("dependencies"), report) else {
            return dependencies;
        };
        for member in table.members {
            let name = &member.name;
            let what = format!("the dependency {name:?}");
            let package = is_package(name);
            if !package && Rule::Component.refusal(name).is_some() {
                let message = format!("Spin refuses the name of {what}");
                let remedy = "write <namespace>:<package>[/<interface>][@<version>], or a word";
                report.refuse(member.at, message, remedy);
                continue;
            }
            let Some(members) = members(member, &what, package, report) else {
                continue;
            };
            let key = |key: &str| members.iter().find(|member| member.name == key);
            if for_all.is_some() && key("inherit_configuration").is_some() {
                report.refuse(
                    member.at,
                    format!(
                        "{what} has `inherit_configuration`, and the component has \
                         `dependencies_inherit_configuration`"
                    ),
                    "use one or the other",
                );
            }
            if package && !name.contains('/') && key("export").is_some() && key("url").is_none() {
                let message = format!("{what} has an `export`, and its name has no interface");
                report.refuse(member.at, message, "remove the `export`");
            }
            if !package && key("version").is_some() && key("package").is_none() {
                let message = format!("{what} has no `package`");
                report.refuse(member.at, message, "add package = \"<namespace>:<name>\"");
            }
            if let Some(component) = key("component")
                && let Kind::Text(id) = &component.node.kind
            {
                dependencies.components.push((id.clone(), component.at));
            }
        }
        dependencies
    }
}

/// The members of a dependency that is a table; `None` where it is a version, or wrong.
fn members<'a>(
    member: &'a Member,
    what: &str,
    package: bool,
    report: &mut Report<'_>,
) -> Option<&'a [Member]> {
    match &member.node.kind {
        Kind::Text(_) if package => None,
        Kind::Text(_) => {
            let message = format!("{what} has no `package`");
            let remedy = "write { version = \"…\", package = \"<namespace>:<name>\" }";
            report.refuse(member.at, message, remedy);
            None
        }
        Kind::Table(members) if is_a_form(members) => Some(members),
        _ => {
            report.refuse(
                member.at,
                format!("{what} is none of the forms that Spin takes"),
                "write \"<version>\" or a table with `version`, with `path`, with `url` and \
                 `digest`, or with `component`",
            );
            None
        }
    }
}

fn is_a_form(members: &[Member]) -> bool {
    let extra = ["export", "inherit_configuration"];
    let all_good = members.iter().all(|member| match &member.node.kind {
        Kind::Text(_) => member.name != "inherit_configuration",
        Kind::Boolean(_) => member.name == "inherit_configuration",
        Kind::List(list) => {
            let texts = list.iter().all(|node| matches!(node.kind, Kind::Text(_)));
            member.name == "inherit_configuration" && texts
        }
        _ => false,
    });
    let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
    let fits = |form: &&[&str]| {
        let needed = if form[0] == "version" {
            &form[..1]
        } else {
            *form
        };
        needed.iter().all(|key| names.contains(key))
            && names
                .iter()
                .all(|name| form.contains(name) || extra.contains(name))
    };
    all_good && FORMS.iter().any(fits)
}

/// `<namespace>:<name>[/<interface>][@<version>]`.
fn is_package(name: &str) -> bool {
    if !name.contains([':', '/']) {
        return false;
    }
    let (name, version) = name.split_once('@').unwrap_or((name, "0.0.0"));
    let (package, interface) = name.split_once('/').unwrap_or((name, "x"));
    let word = |text: &str| Rule::Component.refusal(text).is_none();
    let package = package.split_once(':');
    let numbers = version.split(['-', '+']).next().unwrap_or(version);
    let numbers: Vec<_> = numbers.split('.').map(str::parse::<u64>).collect();
    package.is_some_and(|(namespace, name)| word(namespace) && word(name))
        && word(interface)
        && numbers.len() == 3
        && numbers.iter().all(Result::is_ok)
}

/// That another component of the app can be used as a dependency.
pub(super) fn check(
    component: &ComponentTable,
    components: &[ComponentTable],
    report: &mut Report<'_>,
) {
    for (id, at) in &component.dependencies.components {
        match components.iter().find(|component| component.id == *id) {
            None => {
                let message = format!("there is no component `{id}`, which this depends on");
                report.refuse(*at, message, "correct the id, or add the component");
            }
            Some(other) if !other.resources.is_empty() => {
                let message = format!(
                    "the component `{id}` cannot be a dependency, because it has {}",
                    other.resources.join(", ")
                );
                report.refuse(*at, message, "remove these keys from that component");
            }
            Some(_) => {}
        }
    }
}
