//! `[[client_tls]]`: certificates for connections to other machines.

use std::path::Path;

use super::limits::is_empty;
use crate::names::Rule;
use crate::reader::{Report, Table};

const KEYS: [&str; 7] = [
    "component_ids",
    "hosts",
    "ca_use_platform_roots",
    "ca_use_webpki_roots",
    "ca_roots_file",
    "client_cert_file",
    "client_private_key_file",
];

pub(super) fn check(root: &Table<'_>, folder: &Path, report: &mut Report<'_>) {
    for table in root.tables("client_tls", "[[client_tls]]", report) {
        table.only(&KEYS, report);
        for key in ["component_ids", "hosts"] {
            if table.get(key).is_none() || is_empty(&table, key) {
                table.missing(key, "a list with an item or more", report);
            }
        }
        for id in table.texts("component_ids", report) {
            if let Some(rule) = Rule::Component.refusal(id.text) {
                report.refuse(id.at, "Spin refuses this component id", rule);
            }
        }
        for host in table.texts("hosts", report) {
            if url::Host::parse(host.text).is_err() {
                let message = "an item of `hosts` is not the name of a host";
                report.refuse(host.at, message, "write a name without a port");
            }
        }
        table.boolean("ca_use_platform_roots", report);
        table.boolean("ca_use_webpki_roots", report);
        for key in [
            "ca_roots_file",
            "client_cert_file",
            "client_private_key_file",
        ] {
            if let Some(path) = table.text(key, report)
                && !folder.join(path.text).is_file()
            {
                let message = format!("there is no file where {} says", table.of(key));
                report.refuse(
                    path.at,
                    message,
                    "correct the path: it is relative to this file",
                );
            }
        }
        if table.get("client_cert_file").is_some() != table.get("client_private_key_file").is_some()
        {
            let message = "`client_cert_file` and `client_private_key_file` go together";
            report.refuse(table.at, message, "write both or neither");
        }
    }
}
