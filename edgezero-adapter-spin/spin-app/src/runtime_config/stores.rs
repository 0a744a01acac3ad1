//! `[key_value_store.<label>]`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::access;
use crate::finding::{Effect, Finding, Place};
use crate::reader::{Report, Table};
use crate::store::{Backend, Cosmos, Dynamo, Redis};

/// What a stanza says.
#[derive(Clone)]
pub(crate) struct Stanza {
    pub(crate) place: Place,
    pub(crate) backend: Backend,
}

const TYPES: [&str; 4] = ["spin", "redis", "aws_dynamo", "azure_cosmos"];

/// `folder` is the real place of the file's folder.
pub(super) fn read(
    root: &Table<'_>,
    folder: &Path,
    report: &mut Report<'_>,
) -> BTreeMap<String, Result<Stanza, Finding>> {
    let mut stores = BTreeMap::new();
    let Some(table) = root.table("key_value_store", "[key_value_store]", report) else {
        return stores;
    };
    for member in table.members {
        let name = format!("[key_value_store.{}]", member.name);
        let place = report.file.place(member.at);
        let before = report.findings.len();
        let table = Table::from_node(&member.node, member.at, name, report);
        let backend = table.and_then(|table| backend(&table, folder, report));
        // What was added last is why there is none.
        let stanza = match (backend, report.findings.get(before)) {
            (Some(backend), None) => Ok(Stanza { place, backend }),
            (_, Some(finding)) => Err(finding.clone()),
            (None, None) => continue,
        };
        if let Ok(Stanza {
            backend: Backend::Sqlite(file),
            ..
        }) = &stanza
            && let Some(reason) = access::read_only(file)
        {
            let message = format!(
                "the app can read and not write what is in [key_value_store.{}]: {reason}",
                member.name
            );
            let remedy = "let the user that runs Spin write there";
            report.add(member.at, Effect::FailsLater, message, remedy);
        }
        stores.insert(member.name.clone(), stanza);
    }
    stores
}

fn backend(table: &Table<'_>, folder: &Path, report: &mut Report<'_>) -> Option<Backend> {
    if table.get("type").is_none() {
        table.missing("type", "\"spin\" is a file of this machine", report);
        return None;
    }
    let kind = table.text("type", report)?;
    match kind.text {
        "spin" => spin(table, folder, report),
        "redis" => {
            let url = table.required_text("url", report)?;
            let redis = Redis::new(url.text);
            if redis.is_none() {
                report.refuse(
                    url.at,
                    format!("{} is not a URL of a Redis server", table.of("url")),
                    "write url = \"redis://<host>:<port>/<database>\"",
                );
            }
            redis.map(Backend::Redis)
        }
        "aws_dynamo" => {
            for key in ["access_key", "secret_key", "token"] {
                table.text(key, report);
            }
            let consistent_read = table.boolean("consistent_read", report);
            let region = table.required_text("region", report);
            let name = table.required_text("table", report);
            Some(Backend::Dynamo(Dynamo {
                region: region?.text.to_owned(),
                table: name?.text.to_owned(),
                consistent_read: consistent_read.unwrap_or_default(),
            }))
        }
        "azure_cosmos" => {
            let key = table.text("key", report);
            let account = table.required_text("account", report);
            let database = table.required_text("database", report);
            let container = table.required_text("container", report);
            Some(Backend::Cosmos(Cosmos {
                account: account?.text.to_owned(),
                database: database?.text.to_owned(),
                container: container?.text.to_owned(),
                has_key: key.is_some(),
            }))
        }
        other => {
            let meant = TYPES.iter().find(|known| known.eq_ignore_ascii_case(other));
            let message = format!("the `type` of {} is not one of Spin's", table.name);
            match meant {
                Some(meant) => report.refuse(
                    kind.at,
                    format!("{message}: upper and lower case count"),
                    format!("write type = \"{meant}\""),
                ),
                None => report.refuse(
                    kind.at,
                    message,
                    format!("write one of: {}", TYPES.join(", ")),
                ),
            }
            None
        }
    }
}

fn spin(table: &Table<'_>, folder: &Path, report: &mut Report<'_>) -> Option<Backend> {
    if table.get("path").is_none() {
        return Some(Backend::Memory);
    }
    let path = table.text("path", report)?;
    let file = folder.join(path.text);
    // Spin looks whether the file's folder is there, and not whether it is a folder.
    let no_folder = file
        .parent()
        .is_some_and(|parent| parent.exists() && !parent.is_dir());
    if path.text.is_empty() || path.text.contains('\0') || file.is_dir() || no_folder {
        report.add(
            path.at,
            Effect::FailsLater,
            format!(
                "{} does not name a file, so every use of the label fails",
                table.of("path")
            ),
            format!("write {}", crate::store::path_line()),
        );
        return None;
    }
    if let Some(obstacle) = file.parent().and_then(access::obstacle) {
        let message = obstacle.of_file(&table.of("path"));
        report.refuse(path.at, message, "correct the path");
        return None;
    }
    if let Some(reason) = access::no_database(&file) {
        let message = format!(
            "{} is {}: {reason}, so every use of the label fails",
            table.of("path"),
            file.display()
        );
        report.add(path.at, Effect::FailsLater, message, "name another file");
        return None;
    }
    Some(Backend::Sqlite(file))
}
