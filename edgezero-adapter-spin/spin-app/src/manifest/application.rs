//! `[application]` and `[variables]`.

use std::collections::BTreeMap;

use secrecy::SecretString;

use crate::names::Rule;
use crate::reader::{Report, Table, Text};
use crate::tree::Member;

/// A variable of the application.
pub(crate) struct AppVariable {
    pub(crate) at: usize,
    /// `None` for a variable that needs a value from elsewhere.
    pub(crate) default: Option<SecretString>,
    /// Whether its declaration is one that Spin accepts.
    pub(crate) good: bool,
}

/// Checks `[application]`; the application's name.
pub(super) fn name(root: &Table<'_>, report: &mut Report<'_>) -> Option<String> {
    if root.get("application").is_none() {
        let message = "this manifest has no [application], and Spin does not start without it";
        report.refuse(0, message, "add:\n\n[application]\nname = \"<name>\"\n");
    }
    let table = root.table("application", "[application]", report)?;
    let known = [
        "name",
        "version",
        "description",
        "authors",
        "targets",
        "trigger",
        "tool",
    ];
    table.only(&known, report);
    table.text("version", report);
    table.text("description", report);
    table.texts("authors", report);
    super::build::targets(&table, report);
    super::build::tools(&table, report);
    trigger_settings(&table, report);
    let name = table.required_text("name", report)?;
    Some(name.text.to_owned())
}

/// `[application.trigger.<type>]`.
fn trigger_settings(application: &Table<'_>, report: &mut Report<'_>) {
    let Some(triggers) = application.table("trigger", "[application.trigger]", report) else {
        return;
    };
    for member in triggers.members {
        let name = format!("[application.trigger.{}]", member.name);
        let Some(table) = Table::from_node(&member.node, member.at, name, report) else {
            continue;
        };
        if member.name == "http" {
            table.only(&["base"], report);
            if let Some(base) = table.text("base", report)
                && base.text != "/"
            {
                report.refuse(
                    base.at,
                    "Spin refuses a `base` of the HTTP trigger",
                    "remove it, and write it at the start of the `route` of each [[trigger.http]]",
                );
            }
        }
    }
}

/// `[variables]`.
pub(super) fn variables(
    root: &Table<'_>,
    report: &mut Report<'_>,
) -> BTreeMap<String, AppVariable> {
    let mut variables = BTreeMap::new();
    let Some(table) = root.table("variables", "[variables]", report) else {
        return variables;
    };
    for member in table.members {
        let before = report.findings.len();
        let default = variable(member, report);
        let variable = AppVariable {
            at: member.at,
            default: default.map(|default| SecretString::from(default.text)),
            good: report.findings.len() == before,
        };
        variables.insert(member.name.clone(), variable);
    }
    variables
}

/// Checks a variable; its default.
fn variable<'a>(member: &'a Member, report: &mut Report<'_>) -> Option<Text<'a>> {
    const RULE: &str = "an application's variable has exactly one of `required = true` and \
                        `default = \"…\"`";
    let name = &member.name;
    if let Some(rule) = Rule::Variable.refusal(name) {
        let message = format!("Spin refuses the variable `{name}`");
        report.refuse(member.at, message, rule);
        return None;
    }
    let what = format!("the variable `{name}`");
    let table = Table::from_node(&member.node, member.at, what, report)?;
    table.only(&["description", "required", "default", "secret"], report);
    table.text("description", report);
    table.boolean("secret", report);
    let required = table.boolean("required", report);
    let default = table.text("default", report);
    match (required.unwrap_or_default(), table.get("default").is_some()) {
        (true, true) => {
            let message = format!("the variable `{name}` is required and has a default");
            report.refuse(member.at, message, format!("remove one of the two: {RULE}"));
        }
        (false, false) => {
            let message = format!("the variable `{name}` is not required and has no default");
            report.refuse(member.at, message, format!("add one of the two: {RULE}"));
        }
        _ => {}
    }
    default
}
