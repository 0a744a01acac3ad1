//! What `spin up` reads: spin.toml and the runtime config file.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::SpinHostBuilder;
use crate::backend::{CosmosContainer, DynamoTable};
use crate::host::SpinHost;

/// spin.toml, as far as it matters here.
#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    variables: BTreeMap<String, Variable>,
    component: BTreeMap<String, Component>,
}

#[derive(Deserialize)]
struct Variable {
    default: Option<String>,
}

#[derive(Deserialize)]
struct Component {
    source: String,
    #[serde(default)]
    key_value_stores: Vec<String>,
    #[serde(default)]
    variables: BTreeMap<String, String>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
}

/// The runtime config file, as far as it matters here.
#[derive(Default, Deserialize)]
struct RuntimeConfig {
    #[serde(default)]
    key_value_store: BTreeMap<String, KeyValueStore>,
    #[serde(default)]
    variables_provider: Vec<VariablesProvider>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum KeyValueStore {
    Spin {
        path: Option<String>,
    },
    Redis {
        url: String,
    },
    AwsDynamo {
        region: String,
        table: String,
        #[serde(default)]
        consistent_read: bool,
    },
    AzureCosmos {
        account: String,
        database: String,
        container: String,
        key: Option<String>,
    },
}

#[derive(Deserialize)]
struct VariablesProvider {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    values: BTreeMap<String, String>,
}

/// The tables and containers that the runtime config names, each once.
#[derive(Default)]
struct Clouds<'a> {
    tables: HashMap<[&'a String; 2], DynamoTable>,
    containers: HashMap<[&'a String; 3], CosmosContainer>,
}

pub(crate) fn read(
    spin_toml: &Path,
    runtime_config: Option<&Path>,
) -> Result<SpinHostBuilder, String> {
    let manifest: Manifest = parse(spin_toml)?;
    let config = runtime_config.map_or(Ok(RuntimeConfig::default()), parse)?;
    let folder = folder_of(spin_toml);
    let config_folder = runtime_config.map_or(folder, folder_of);

    let mut components = manifest.component.iter();
    let (Some((id, component)), None) = (components.next(), components.next()) else {
        return Err(format!(
            "{} has {} components; this host runs one",
            spin_toml.display(),
            manifest.component.len()
        ));
    };
    let mut host = SpinHost::builder(folder.join(&component.source));
    let mut clouds = Clouds::default();
    for label in &component.key_value_stores {
        host = match config.key_value_store.get(label) {
            None if label == "default" => {
                host.key_value(label, folder.join(".spin/sqlite_key_value.db"))
            }
            None => {
                return Err(format!(
                    "unknown key_value_stores label {label:?} for component {id:?}"
                ));
            }
            Some(KeyValueStore::Spin { path: None }) => host.key_value_in_memory(label),
            Some(KeyValueStore::Spin { path: Some(path) }) => {
                host.key_value(label, config_folder.join(path))
            }
            Some(KeyValueStore::Redis { url }) => host.redis(label, url),
            Some(KeyValueStore::AwsDynamo {
                region,
                table,
                consistent_read,
            }) => {
                let table = clouds.tables.entry([region, table]).or_default();
                host.dynamo(label, &table.clone().consistent_read(*consistent_read))
            }
            Some(KeyValueStore::AzureCosmos {
                account,
                database,
                container,
                key,
            }) => {
                let name = [account, database, container];
                let container = clouds.containers.entry(name).or_default().clone();
                match key {
                    Some(_) => host.cosmos(label, &container),
                    None => host.cosmos(label, &container.unsigned()),
                }
            }
        };
    }
    let values = application_variables(&manifest, &config)?;
    for (name, template) in &component.variables {
        if let Some(value) = resolve(template, &values)? {
            host = host.variable(name, &value);
        }
    }
    for (name, value) in &component.environment {
        host = host.env(name, value);
    }
    Ok(host)
}

fn parse<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    toml::from_str(&text).map_err(|error| format!("cannot use {}: {error}", path.display()))
}

fn folder_of(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}

/// The application's variables: providers before defaults.
fn application_variables(
    manifest: &Manifest,
    config: &RuntimeConfig,
) -> Result<BTreeMap<String, String>, String> {
    let mut values = BTreeMap::new();
    for (name, variable) in &manifest.variables {
        let mut value = variable.default.clone();
        for provider in &config.variables_provider {
            if provider.kind != "static" {
                return Err(format!(
                    "a provider of variables is of type {:?}; this host has type \"static\" only",
                    provider.kind
                ));
            }
            value = provider.values.get(name).cloned().or(value);
        }
        if let Some(value) = value {
            values.insert(name.clone(), value);
        }
    }
    Ok(values)
}

/// Fills in `{{ name }}`; `None` where a variable has no value.
fn resolve(template: &str, values: &BTreeMap<String, String>) -> Result<Option<String>, String> {
    let mut resolved = String::new();
    let mut rest = template;
    while let Some((text, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else {
            return Err(format!("the template {template:?} has no end"));
        };
        let Some(value) = values.get(name.trim()) else {
            return Ok(None);
        };
        resolved.push_str(text);
        resolved.push_str(value);
        rest = after;
    }
    resolved.push_str(rest);
    Ok(Some(resolved))
}
