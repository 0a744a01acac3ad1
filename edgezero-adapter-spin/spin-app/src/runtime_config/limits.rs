//! The parts of the runtime config that have nothing to do with stores and variables:
//! Spin refuses to start when one of them is wrong.

use std::path::Path;

use url::Url;

use crate::access;
use crate::manifest::is_network;
use crate::reader::{Report, Table};
use crate::tree::Kind;

pub(super) fn check(root: &Table<'_>, report: &mut Report<'_>) {
    for (key, counts) in [
        ("outbound_pg", &["max_connections"][..]),
        ("outbound_mysql", &["max_connections"]),
        ("outbound_redis", &["max_connections"]),
        (
            "outbound_mqtt",
            &["max_connections", "max_payload_size_bytes"],
        ),
    ] {
        if let Some(table) = root.table(key, &format!("[{key}]"), report) {
            table.only(counts, report);
            for count in counts {
                table.count(count, report);
            }
        }
    }
    http(root, report);
    networking(root, report);
    llm(root, report);
}

fn http(root: &Table<'_>, report: &mut Report<'_>) {
    let Some(table) = root.table("outbound_http", "[outbound_http]", report) else {
        return;
    };
    let counts = ["max_connections", "max_concurrent_requests"];
    table.only(&[&["connection_pooling"][..], &counts[..]].concat(), report);
    table.boolean("connection_pooling", report);
    for count in counts {
        table.count(count, report);
    }
    if counts.iter().all(|count| table.get(count).is_some()) {
        let message = "`max_concurrent_requests` is the old name of `max_connections`";
        report.refuse(table.at, message, "remove `max_concurrent_requests`");
    }
}

fn networking(root: &Table<'_>, report: &mut Report<'_>) {
    let Some(table) = root.table("outbound_networking", "[outbound_networking]", report) else {
        return;
    };
    let counts = ["max_socket_connections", "max_total_connections"];
    table.only(&[&["block_networks"][..], &counts[..]].concat(), report);
    for count in counts {
        table.count(count, report);
    }
    for network in table.texts("block_networks", report) {
        if network.text != "private" && !is_network(network.text) {
            let message = "an item of `block_networks` is not a network";
            report.refuse(
                network.at,
                message,
                "write <address>/<length>, or \"private\"",
            );
        }
    }
}

fn llm(root: &Table<'_>, report: &mut Report<'_>) {
    let Some(table) = root.table("llm_compute", "[llm_compute]", report) else {
        return;
    };
    let Some(kind) = table.required_text("type", report) else {
        return;
    };
    match kind.text {
        "spin" => {}
        "remote_http" => {
            table.required_text("auth_token", report);
            if let Some(url) = table.required_text("url", report)
                && Url::parse(url.text).is_err()
            {
                report.refuse(url.at, "`url` of [llm_compute] is not a URL", "write a URL");
            }
            if let Some(api) = table.text("api_type", report)
                && !["open_ai", "default"].contains(&api.text)
            {
                let message = "Spin does not know this `api_type`";
                report.refuse(api.at, message, "write \"open_ai\" or \"default\"");
            }
        }
        _ => report.refuse(
            kind.at,
            "the `type` of [llm_compute] is not one of Spin's",
            "write \"spin\" or \"remote_http\"",
        ),
    }
}

/// `[sqlite_database.<label>]`; the labels. A relative path is below Spin's working folder.
pub(super) fn databases(
    root: &Table<'_>,
    working_folder: &Path,
    report: &mut Report<'_>,
) -> Vec<String> {
    let mut labels = Vec::new();
    let Some(table) = root.table("sqlite_database", "[sqlite_database]", report) else {
        return labels;
    };
    for member in table.members {
        labels.push(member.name.clone());
        let name = format!("[sqlite_database.{}]", member.name);
        let Some(table) = Table::from_node(&member.node, member.at, name, report) else {
            continue;
        };
        let Some(kind) = table.required_text("type", report) else {
            continue;
        };
        match kind.text {
            "spin" => {
                table.only(&["type", "path", "allow_attach_file"], report);
                let path = table.text("path", report);
                if let Some(path) = path
                    && let Some(folder) = working_folder.join(path.text).parent()
                    && let Some(obstacle) = access::obstacle(folder)
                {
                    let message = obstacle.of_file(&table.of("path"));
                    report.refuse(path.at, message, "correct the path");
                }
                table.boolean("allow_attach_file", report);
            }
            "libsql" => {
                table.only(&["type", "url", "token"], report);
                table.required_text("token", report);
                if let Some(url) = table.required_text("url", report)
                    && !url.text.starts_with("https://")
                    && !url.text.starts_with("http://")
                {
                    let message = format!("{} does not begin with https://", table.of("url"));
                    report.refuse(url.at, message, "write url = \"https://<host>\"");
                }
            }
            _ => report.refuse(
                kind.at,
                format!("the `type` of {} is not one of Spin's", table.name),
                "write \"spin\" or \"libsql\"",
            ),
        }
    }
    labels
}

/// Whether a list is there and empty.
pub(super) fn is_empty(table: &Table<'_>, key: &str) -> bool {
    let list = table.get(key).map(|member| &member.node.kind);
    matches!(list, Some(Kind::List(list)) if list.is_empty())
}
