//! The parts that other tools read, and whose shape Spin checks.

use crate::reader::{Report, Table};
use crate::tree::Kind;

/// `targets`: a name, `{ url = … }` or `{ path = … }`.
pub(super) fn targets(table: &Table<'_>, report: &mut Report<'_>) {
    let Some(member) = table.get("targets") else {
        return;
    };
    let good = |node: &crate::tree::Node| match &node.kind {
        Kind::Text(_) => true,
        Kind::Table(members) => matches!(
            members.as_slice(),
            [only] if ["url", "path"].contains(&only.name.as_str())
                && matches!(only.node.kind, Kind::Text(_))
        ),
        _ => false,
    };
    match &member.node.kind {
        Kind::List(list) if list.iter().all(good) => {}
        _ => report.refuse(
            member.at,
            format!("{} is not a list of environments", table.of("targets")),
            "write each as a name, { url = \"…\" } or { path = \"…\" }",
        ),
    }
}

/// `tool.<name>`: a table each.
pub(super) fn tools(table: &Table<'_>, report: &mut Report<'_>) {
    let Some(tools) = table.table("tool", &table.of("tool"), report) else {
        return;
    };
    for member in tools.members {
        Table::from_node(&member.node, member.at, tools.of(&member.name), report);
    }
}

/// `build`: `command`, `workdir` and `watch`.
pub(super) fn build(table: &Table<'_>, known: &[&str], report: &mut Report<'_>) {
    let Some(build) = table.table("build", &table.of("build"), report) else {
        return;
    };
    build.only(known, report);
    build.text("workdir", report);
    build.texts("watch", report);
    match build.get("command") {
        None => build.missing("command", "a string, or a list of strings", report),
        Some(member) if matches!(member.node.kind, Kind::List(_)) => {
            build.texts("command", report);
        }
        Some(_) => {
            build.text("command", report);
        }
    }
}
