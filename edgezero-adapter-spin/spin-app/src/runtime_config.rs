//! Spin's runtime config file.

mod limits;
mod providers;
mod stores;
mod tls;

use std::collections::BTreeMap;

use crate::finding::{Effect, Finding};
use crate::options::Options;
use crate::reader::{Report, Table};
use crate::tree::{Kind, Member};

pub(crate) use self::providers::Provider;
pub(crate) use self::stores::Stanza;

/// What the runtime config says.
#[derive(Default)]
pub(crate) struct RuntimeConfig {
    pub(crate) state_dir: Option<String>,
    /// The folder of the components' output, and its place.
    pub(crate) log_dir: Option<(String, usize)>,
    pub(crate) stores: BTreeMap<String, Result<Stanza, Finding>>,
    pub(crate) databases: Vec<String>,
    pub(crate) providers: Vec<Provider>,
}

/// Each key that a part of Spin reads.
const KEYS: [&str; 14] = [
    "client_tls",
    "key_value_store",
    "llm_compute",
    "log_dir",
    "max_instance_memory",
    "outbound_http",
    "outbound_mqtt",
    "outbound_mysql",
    "outbound_networking",
    "outbound_pg",
    "outbound_redis",
    "sqlite_database",
    "state_dir",
    "variables_provider",
];

pub(crate) fn read(report: &mut Report<'_>, options: &Options) -> RuntimeConfig {
    let root = Table::root(report.file);
    keys(&root, options, report);
    let folder = options.working_folder.join(report.file.folder());
    max_instance_memory(&root, report);
    limits::check(&root, report);
    tls::check(&root, &folder, report);
    RuntimeConfig {
        state_dir: folder_of(&root, "state_dir", report).map(|(folder, _)| folder),
        log_dir: folder_of(&root, "log_dir", report),
        stores: stores::read(&root, &folder, report),
        databases: limits::databases(&root, &options.working_folder, report),
        providers: providers::read(&root, report),
    }
}

/// Refuses each key at the top that no part of Spin reads.
fn keys(root: &Table<'_>, options: &Options, report: &mut Report<'_>) {
    let log_dir = options.environment.get("SPIN_LOG_DIR").is_some();
    for member in root.members {
        let name = member.name.as_str();
        let (message, remedy) = match name {
            "state_dir" if options.state_dir.is_some() => (
                "`state_dir` is not used where --state-dir is given, and Spin refuses a key that \
                 is not used"
                    .to_owned(),
                "remove one of the two".to_owned(),
            ),
            "log_dir" if log_dir => (
                "`log_dir` is not used where SPIN_LOG_DIR is set, and Spin refuses a key that is \
                 not used"
                    .to_owned(),
                "remove one of the two".to_owned(),
            ),
            "config_provider" if root.get("variables_provider").is_none() => continue,
            "config_provider" => (
                "`config_provider` is the old name of `variables_provider`, and this file has both"
                    .to_owned(),
                "write each as [[variables_provider]]".to_owned(),
            ),
            known if KEYS.contains(&known) => continue,
            name => (
                format!("no part of Spin uses the key `{name}`, and Spin does not start with it"),
                format!(
                    "remove it or correct its name; Spin knows: {}",
                    KEYS.join(", ")
                ),
            ),
        };
        report.refuse(member.at, message, remedy);
    }
}

fn max_instance_memory(root: &Table<'_>, report: &mut Report<'_>) {
    match root.get("max_instance_memory") {
        Some(member) if !matches!(member.node.kind, Kind::Integer(_)) => {
            passed_over(member, "a whole number", report);
        }
        _ => root.count("max_instance_memory", report),
    }
}

fn passed_over(member: &Member, wanted: &str, report: &mut Report<'_>) {
    let message = format!(
        "`{}` is {}, and Spin passes over it",
        member.name,
        member.node.kind.name()
    );
    report.add(
        member.at,
        Effect::FailsLater,
        message,
        format!("write {wanted}"),
    );
}

/// A folder; Spin passes over one that is not a string.
fn folder_of(root: &Table<'_>, key: &str, report: &mut Report<'_>) -> Option<(String, usize)> {
    let member = root.get(key)?;
    match &member.node.kind {
        Kind::Text(folder) => Some((folder.clone(), member.at)),
        _ => {
            passed_over(member, "a string", report);
            None
        }
    }
}
