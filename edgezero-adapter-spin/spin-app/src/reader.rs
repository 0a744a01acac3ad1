//! Typed access to a table of a TOML file, with a finding for each part that Spin refuses.

use crate::file::TomlFile;
use crate::finding::{Effect, Finding};
use crate::tree::{Kind, Member, Node};

/// What was found in one file.
pub(crate) struct Report<'a> {
    pub(crate) file: &'a TomlFile,
    pub(crate) findings: Vec<Finding>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(file: &'a TomlFile) -> Self {
        Self {
            file,
            findings: Vec::new(),
        }
    }

    pub(crate) fn refuse(
        &mut self,
        at: usize,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.add(at, Effect::DoesNotStart, message, remedy);
    }

    pub(crate) fn add(
        &mut self,
        at: usize,
        effect: Effect,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let place = Some(self.file.place(at));
        self.findings
            .push(Finding::new(place, effect, message, remedy));
    }

    fn wrong_type(&mut self, node: &Node, what: &str, wanted: &str) {
        let message = format!(
            "{what} is {}, and Spin takes {wanted} there",
            node.kind.name()
        );
        self.refuse(node.at, message, format!("write {wanted}"));
    }
}

/// A table, and what it is called in messages: `[component.shop]`.
#[derive(Clone)]
pub(crate) struct Table<'a> {
    pub(crate) members: &'a [Member],
    pub(crate) at: usize,
    pub(crate) name: String,
}

/// A text, and where it begins.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    pub(crate) text: &'a str,
    pub(crate) at: usize,
}

impl<'a> Table<'a> {
    pub(crate) fn root(file: &'a TomlFile) -> Self {
        let name = "the top level".to_owned();
        match &file.root().kind {
            Kind::Table(members) => Self {
                members,
                at: 0,
                name,
            },
            _ => Self {
                members: &[],
                at: 0,
                name,
            },
        }
    }

    pub(crate) fn from_node(
        node: &'a Node,
        at: usize,
        name: impl Into<String>,
        report: &mut Report<'_>,
    ) -> Option<Self> {
        let name = name.into();
        match &node.kind {
            Kind::Table(members) => Some(Self { members, at, name }),
            _ => {
                report.wrong_type(node, &name, "a table");
                None
            }
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&'a Member> {
        self.members.iter().find(|member| member.name == key)
    }

    /// Refuses each key that Spin does not know.
    pub(crate) fn only(&self, known: &[&str], report: &mut Report<'_>) {
        for member in self.members {
            if !known.contains(&member.name.as_str()) {
                let message = format!(
                    "{} has a key `{}`, which Spin refuses",
                    self.name, member.name
                );
                let remedy = format!(
                    "remove it or correct its name; Spin knows: {}",
                    known.join(", ")
                );
                report.refuse(member.at, message, remedy);
            }
        }
    }

    /// Says that a key is missing.
    pub(crate) fn missing(&self, key: &str, wanted: &str, report: &mut Report<'_>) {
        let message = format!(
            "{} has no `{key}`, and Spin does not start without it",
            self.name
        );
        report.refuse(self.at, message, format!("add `{key}`: {wanted}"));
    }

    pub(crate) fn text(&self, key: &str, report: &mut Report<'_>) -> Option<Text<'a>> {
        let member = self.get(key)?;
        text(&member.node, member.at, &self.of(key), report)
    }

    pub(crate) fn required_text(&self, key: &str, report: &mut Report<'_>) -> Option<Text<'a>> {
        if self.get(key).is_none() {
            self.missing(key, "a string", report);
        }
        self.text(key, report)
    }

    pub(crate) fn boolean(&self, key: &str, report: &mut Report<'_>) -> Option<bool> {
        let member = self.get(key)?;
        match member.node.kind {
            Kind::Boolean(truth) => Some(truth),
            _ => {
                report.wrong_type(&member.node, &self.of(key), "true or false");
                None
            }
        }
    }

    /// A number that is not negative.
    pub(crate) fn count(&self, key: &str, report: &mut Report<'_>) {
        let Some(member) = self.get(key) else { return };
        match member.node.kind {
            Kind::Integer(0..) => {}
            Kind::Integer(_) => {
                let message = format!("{} is negative", self.of(key));
                report.refuse(member.at, message, "write a number from 0");
            }
            _ => report.wrong_type(&member.node, &self.of(key), "a whole number"),
        }
    }

    pub(crate) fn texts(&self, key: &str, report: &mut Report<'_>) -> Vec<Text<'a>> {
        let what = self.of(key);
        let Some(member) = self.get(key) else {
            return Vec::new();
        };
        let Some(list) = list(member, &what, report) else {
            return Vec::new();
        };
        list.iter()
            .filter_map(|node| text(node, node.at, &format!("an item of {what}"), report))
            .collect()
    }

    pub(crate) fn table(&self, key: &str, name: &str, report: &mut Report<'_>) -> Option<Self> {
        let member = self.get(key)?;
        Self::from_node(&member.node, member.at, name, report)
    }

    /// The tables in a list of tables.
    pub(crate) fn tables(&self, key: &str, name: &str, report: &mut Report<'_>) -> Vec<Self> {
        let Some(member) = self.get(key) else {
            return Vec::new();
        };
        let Some(list) = list(member, &self.of(key), report) else {
            return Vec::new();
        };
        list.iter()
            .filter_map(|node| Self::from_node(node, node.at, name, report))
            .collect()
    }

    /// The members of a table in which each value is a string.
    pub(crate) fn map(
        &self,
        key: &str,
        report: &mut Report<'_>,
    ) -> Vec<(&'a str, usize, Text<'a>)> {
        let what = self.of(key);
        let Some(table) = self.table(key, &what, report) else {
            return Vec::new();
        };
        let entries = table.members.iter().filter_map(|member| {
            let what = table.of(&member.name);
            let value = text(&member.node, member.at, &what, report)?;
            Some((member.name.as_str(), member.at, value))
        });
        entries.collect()
    }

    /// `key` of [the table].
    pub(crate) fn of(&self, key: &str) -> String {
        format!("`{key}` of {}", self.name)
    }
}

fn text<'a>(node: &'a Node, at: usize, what: &str, report: &mut Report<'_>) -> Option<Text<'a>> {
    match &node.kind {
        Kind::Text(text) => Some(Text { text, at }),
        _ => {
            report.wrong_type(node, what, "a string");
            None
        }
    }
}

fn list<'a>(member: &'a Member, what: &str, report: &mut Report<'_>) -> Option<&'a [Node]> {
    match &member.node.kind {
        Kind::List(list) => Some(list),
        _ => {
            report.wrong_type(&member.node, what, "a list");
            None
        }
    }
}
