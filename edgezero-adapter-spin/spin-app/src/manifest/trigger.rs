//! `[[trigger.<type>]]`: what starts a component.

use std::collections::{HashMap, HashSet};

use super::component::ComponentTable;
use crate::finding::Effect;
use crate::names::Rule;
use crate::reader::{Report, Table};
use crate::tree::{Kind, Member, Node};

/// What the triggers come to.
#[derive(Default)]
pub(super) struct Triggers {
    /// The components that Spin loads when it starts.
    pub(super) run: HashSet<String>,
    /// Those of them that a trigger runs as Wagi programs.
    pub(super) wagi: HashSet<String>,
}

/// One trigger: its type, its table, and the id that Spin gives it.
struct Trigger<'a> {
    kind: &'a str,
    table: Table<'a>,
    id: String,
}

/// Reads the triggers. A component that is written in one comes to the others.
pub(super) fn read(
    root: &Table<'_>,
    components: &mut Vec<ComponentTable>,
    report: &mut Report<'_>,
) -> Triggers {
    let mut triggers = Triggers::default();
    let Some(all) = list(root, report) else {
        return triggers;
    };
    for trigger in &all {
        check_specs(trigger, report);
    }
    // The id of each inline component follows from all triggers' ids, in their order.
    let inlined = place_inline(&all, components, report);
    for (trigger, inline_id) in all.iter().zip(inlined) {
        let component = trigger.table.get("component");
        let id = match component.map(|member| &member.node.kind) {
            Some(Kind::Text(id)) => Some(id.clone()),
            Some(Kind::Table(_)) => inline_id,
            _ => None,
        };
        match trigger.kind {
            "http" => http(trigger, report),
            "redis" => redis(trigger, report),
            _ => continue,
        }
        let Some(id) = id else { continue };
        if let Some(member) = component
            && Rule::Component.refusal(&id).is_none()
            && !components.iter().any(|component| component.id == id)
        {
            let message = format!("there is no component `{id}`, which this trigger starts");
            let remedy = format!("add [component.{id}] with a `source`, or correct the id");
            report.refuse(member.at, message, remedy);
        }
        if is_wagi(trigger) {
            triggers.wagi.insert(id.clone());
        }
        triggers.run.insert(id);
    }
    triggers
}

/// The triggers in their order, each with its id.
fn list<'a>(root: &Table<'a>, report: &mut Report<'_>) -> Option<Vec<Trigger<'a>>> {
    const ADD: &str = "add:\n\n[[trigger.http]]\nroute = \"/...\"\ncomponent = \"<id>\"\n";
    if root.get("trigger").is_none() {
        let message = "this manifest has no trigger, and Spin does not start without one";
        report.refuse(0, message, ADD);
        return None;
    }
    let table = root.table("trigger", "[trigger]", report)?;
    let mut all = Vec::new();
    for member in table.members {
        let kind = member.name.as_str();
        match &member.node.kind {
            Kind::List(list) => {
                for node in list {
                    let name = format!("[[trigger.{kind}]]");
                    all.extend(Table::from_node(node, node.at, name, report).map(|table| {
                        Trigger {
                            kind,
                            table,
                            id: String::new(),
                        }
                    }));
                }
                if !list.is_empty() && !["http", "redis"].contains(&kind) {
                    report.add(
                        member.at,
                        Effect::CannotTell,
                        format!("Spin has no trigger `{kind}` of its own"),
                        format!("make sure that Spin's plugin trigger-{kind} is installed"),
                    );
                }
            }
            _ => report.refuse(
                member.at,
                format!(
                    "`trigger.{kind}` is {}, and Spin takes a list of tables there",
                    member.node.kind.name()
                ),
                format!(
                    "write [[trigger.{kind}]], with two brackets on each side, before what belongs \
                     to the trigger; a component can be written below it as \
                     [trigger.{kind}.component]"
                ),
            ),
        }
    }
    if all.is_empty() && report.findings.is_empty() {
        report.refuse(table.at, "this manifest has no trigger", ADD);
    }
    give_ids(&mut all, report);
    Some(all)
}

/// As Spin names a trigger without an `id`.
fn give_ids(all: &mut [Trigger<'_>], report: &mut Report<'_>) {
    let mut taken = HashSet::new();
    for trigger in all.iter_mut() {
        if let Some(id) = trigger.table.text("id", report) {
            trigger.id = id.text.to_owned();
            taken.insert(trigger.id.clone());
        }
    }
    let mut counters: HashMap<&str, usize> = HashMap::new();
    for trigger in all.iter_mut().filter(|trigger| trigger.id.is_empty()) {
        let component = trigger.table.get("component");
        if let Some(Kind::Text(component)) = component.map(|member| &member.node.kind) {
            let id = format!("{component}-{}-trigger", trigger.kind);
            if taken.insert(id.clone()) {
                trigger.id = id;
                continue;
            }
        }
        let counter = counters.entry(trigger.kind).or_insert(1);
        trigger.id = loop {
            let id = format!("{}-trigger{counter}", trigger.kind);
            if taken.insert(id.clone()) {
                break id;
            }
            *counter += 1;
        };
    }
}

/// The components that a trigger names or holds, its own first.
fn specs<'a>(trigger: &Trigger<'a>) -> Vec<&'a Node> {
    let own = trigger.table.get("component").map(|member| &member.node);
    let more = trigger.table.get("components");
    let more = match more.map(|member| &member.node.kind) {
        Some(Kind::Table(members)) => members.as_slice(),
        _ => &[],
    };
    let more = more.iter().flat_map(|member| match &member.node.kind {
        Kind::List(list) => list.as_slice(),
        _ => std::slice::from_ref(&member.node),
    });
    own.into_iter().chain(more).collect()
}

/// Checks what the trigger names as components.
fn check_specs(trigger: &Trigger<'_>, report: &mut Report<'_>) {
    for node in specs(trigger) {
        match &node.kind {
            Kind::Text(id) => {
                if let Some(rule) = Rule::Component.refusal(id) {
                    let message = format!("Spin refuses the component id `{id}`");
                    report.refuse(node.at, message, rule);
                }
            }
            Kind::Table(_) => {}
            kind => report.refuse(
                node.at,
                format!("a trigger's component is {}", kind.name()),
                "write the component's id, or its table",
            ),
        }
    }
}

/// Reads each inline component; for each trigger, the id of its own.
fn place_inline(
    all: &[Trigger<'_>],
    components: &mut Vec<ComponentTable>,
    report: &mut Report<'_>,
) -> Vec<Option<String>> {
    let mut own = Vec::new();
    for trigger in all {
        let specs = specs(trigger);
        let several = specs.len() > 1;
        let mut first = None;
        let mut counter = 1;
        for (index, node) in specs.into_iter().enumerate() {
            if !matches!(node.kind, Kind::Table(_)) {
                continue;
            }
            let taken = |id: &str| components.iter().any(|component| component.id == id);
            let mut id = format!("{}-component", trigger.id);
            if several || Rule::Component.refusal(&id).is_some() || taken(&id) {
                id = loop {
                    let id = format!("inline-component{counter}");
                    if !taken(&id) {
                        break id;
                    }
                    counter += 1;
                };
            }
            let name = format!("[trigger.{}.component]", trigger.kind);
            if let Some(table) = Table::from_node(node, node.at, name, report) {
                components.push(ComponentTable::read(id.clone(), &table, true, report));
            }
            if index == 0 && trigger.table.get("component").is_some() {
                first = Some(id);
            }
        }
        own.push(first);
    }
    own
}

/// The keys that a trigger of each type has.
const COMMON: [&str; 4] = ["id", "component", "components", "dependencies"];

fn http(trigger: &Trigger<'_>, report: &mut Report<'_>) {
    let table = &trigger.table;
    let known = [&COMMON[..], &["route", "executor", "static_response"]].concat();
    table.only(&known, report);
    let remedy = "write component = \"<id>\", or a `static_response`";
    match (table.get("component"), table.get("static_response")) {
        (None, None) => {
            let message = "this HTTP trigger has neither a `component` nor a `static_response`";
            report.refuse(table.at, message, remedy);
        }
        (Some(_), Some(_)) => {
            let message = "this HTTP trigger has both a `component` and a `static_response`";
            report.refuse(table.at, message, remedy);
        }
        _ => {}
    }
    static_response(table, report);
    executor(table, report);
    match table.get("route") {
        None => table.missing("route", "a path, as in \"/...\"", report),
        Some(member) => route(member, report),
    }
}

fn route(member: &Member, report: &mut Report<'_>) {
    const FORMS: &str = "write a path, as in \"/...\", or { private = true }";
    match &member.node.kind {
        Kind::Text(path) => {
            let path = path.strip_suffix('/').unwrap_or(path);
            let path = path.strip_suffix("/...").unwrap_or(path);
            let wrong = |part: &str| part == ":" || (part.starts_with('*') && part != "*");
            if path.split(['.', '/']).any(wrong) {
                let message = "Spin refuses this `route`: a part of it is `:` without a name, or \
                               begins with `*` and goes on";
                report.refuse(member.at, message, "write `:<name>`, or `/...` at the end");
            }
        }
        Kind::Table(members) => match members.as_slice() {
            [only] if only.name == "private" && matches!(only.node.kind, Kind::Boolean(true)) => {}
            _ => report.refuse(member.at, "Spin refuses this `route`", FORMS),
        },
        _ => report.refuse(member.at, "Spin refuses this `route`", FORMS),
    }
}

fn static_response(trigger: &Table<'_>, report: &mut Report<'_>) {
    let name = trigger.of("static_response");
    let Some(response) = trigger.table("static_response", &name, report) else {
        return;
    };
    response.map("headers", report);
    response.text("body", report);
    if let Some(member) = response.get("status_code")
        && !matches!(member.node.kind, Kind::Integer(0..=0xffff))
    {
        let message = "`status_code` is not a number from 0 to 65535";
        report.refuse(member.at, message, "write a status of HTTP, as in 200");
    }
}

fn executor(trigger: &Table<'_>, report: &mut Report<'_>) {
    let Some(executor) = trigger.table("executor", &trigger.of("executor"), report) else {
        return;
    };
    let Some(kind) = executor.required_text("type", report) else {
        return;
    };
    match kind.text {
        "http" | "spin" => executor.only(&["type"], report),
        "wagi" => {
            executor.only(&["type", "entrypoint", "argv"], report);
            executor.text("argv", report);
            if let Some(entrypoint) = executor.text("entrypoint", report)
                && entrypoint.text != "_start"
            {
                let message = "Spin refuses an `entrypoint` of an executor";
                report.refuse(entrypoint.at, message, "remove it");
            }
        }
        _ => report.refuse(
            kind.at,
            "Spin does not know this type of executor",
            "remove the `executor`: Spin sees by itself how the component takes requests",
        ),
    }
}

fn is_wagi(trigger: &Trigger<'_>) -> bool {
    let executor = trigger
        .table
        .get("executor")
        .map(|member| &member.node.kind);
    let Some(Kind::Table(members)) = executor else {
        return false;
    };
    members.iter().any(|member| {
        member.name == "type" && matches!(&member.node.kind, Kind::Text(kind) if kind == "wagi")
    })
}

fn redis(trigger: &Trigger<'_>, report: &mut Report<'_>) {
    let table = &trigger.table;
    table.only(&[&COMMON[..], &["channel", "address"]].concat(), report);
    table.required_text("channel", report);
    table.text("address", report);
    if table.get("component").is_none() {
        table.missing("component", "the id of a component", report);
    }
}
