//! `[[variables_provider]]`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

use crate::finding::Place;
use crate::reader::{Report, Table};
use crate::tree::Kind;

/// Where Spin looks for a variable of the application, besides its environment.
pub(crate) enum Provider {
    Static {
        place: Place,
        values: BTreeMap<String, SecretString>,
    },
    Environment {
        prefix: Option<String>,
        dot_env: Option<PathBuf>,
    },
    Vault(Place),
    AzureKeyVault(Place),
}

const TYPES: [&str; 4] = ["static", "env", "vault", "azure_key_vault"];

pub(super) fn read(root: &Table<'_>, report: &mut Report<'_>) -> Vec<Provider> {
    let key = match root.get("variables_provider") {
        Some(_) => "variables_provider",
        None => "config_provider",
    };
    if let Some(member) = root.get(key)
        && matches!(member.node.kind, Kind::Table(_))
    {
        let message = format!("`{key}` is a table, and Spin takes a list of tables there");
        report.refuse(
            member.at,
            message,
            format!("write [[{key}]], with two brackets"),
        );
        return Vec::new();
    }
    let tables = root.tables(key, &format!("[[{key}]]"), report);
    let providers = tables.iter().filter_map(|table| provider(table, report));
    providers.collect()
}

fn provider(table: &Table<'_>, report: &mut Report<'_>) -> Option<Provider> {
    let place = report.file.place(table.at);
    let kind = table.required_text("type", report)?;
    match kind.text {
        "static" => {
            if table.get("values").is_none() {
                table.missing("values", "{ <variable> = \"<value>\" }", report);
            }
            let values = table.map("values", report).into_iter();
            let values = values
                .map(|(name, _, value)| (name.to_owned(), SecretString::from(value.text)))
                .collect();
            Some(Provider::Static { place, values })
        }
        "env" => {
            table.only(&["type", "prefix", "dotenv_path"], report);
            let prefix = table.text("prefix", report);
            let dot_env = table.text("dotenv_path", report);
            Some(Provider::Environment {
                prefix: prefix.map(|prefix| prefix.text.to_owned()),
                dot_env: dot_env.map(|path| path.text.into()),
            })
        }
        "vault" => {
            table.only(&["type", "url", "token", "mount", "prefix"], report);
            for key in ["url", "token", "mount"] {
                table.required_text(key, report);
            }
            table.text("prefix", report);
            Some(Provider::Vault(place))
        }
        "azure_key_vault" => {
            azure(table, report);
            Some(Provider::AzureKeyVault(place))
        }
        _ => {
            report.refuse(
                kind.at,
                format!("the `type` of {} is not one of Spin's", table.name),
                format!("write one of: {}", TYPES.join(", ")),
            );
            None
        }
    }
}

fn azure(table: &Table<'_>, report: &mut Report<'_>) {
    let identity = ["client_id", "client_secret", "tenant_id"];
    let known = [&["type", "vault_url", "authority_host"][..], &identity[..]].concat();
    table.only(&known, report);
    if let Some(url) = table.required_text("vault_url", report)
        && Url::parse(url.text).is_err()
    {
        report.refuse(
            url.at,
            "`vault_url` is not a URL",
            "write https://<vault>.vault.azure.net",
        );
    }
    for key in identity {
        table.text(key, report);
    }
    let given = identity.iter().filter(|key| table.get(key).is_some());
    if ![0, 3].contains(&given.count()) {
        let message = "`client_id`, `client_secret` and `tenant_id` go together";
        report.refuse(table.at, message, "write all three or none of them");
    }
    let hosts = [
        "AzurePublicCloud",
        "AzureChina",
        "AzureGermany",
        "AzureGovernment",
    ];
    if let Some(host) = table.text("authority_host", report)
        && !hosts.contains(&host.text)
    {
        let message = "Spin does not know this `authority_host`";
        report.refuse(
            host.at,
            message,
            format!("write one of: {}", hosts.join(", ")),
        );
    }
}
