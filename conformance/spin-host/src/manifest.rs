//! A host as `spin up` would make it of an app's files.

use std::collections::HashMap;
use std::path::Path;

use edgezero_spin_app::{Backend, Effect, Options, SpinApp};
use secrecy::ExposeSecret;

use crate::SpinHostBuilder;
use crate::backend::{CosmosContainer, DynamoTable};
use crate::host::SpinHost;

/// The tables and containers that the runtime config names, each once.
#[derive(Default)]
struct Clouds {
    tables: HashMap<[String; 2], DynamoTable>,
    containers: HashMap<[String; 3], CosmosContainer>,
}

pub(crate) fn read(
    spin_toml: &Path,
    runtime_config: Option<&Path>,
) -> Result<SpinHostBuilder, String> {
    let absolute = |path: &Path| {
        std::path::absolute(path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let spin_toml = absolute(spin_toml)?;
    let folder = spin_toml.parent().unwrap_or(Path::new(""));
    let mut options = Options::new(&spin_toml, folder);
    if let Some(path) = runtime_config {
        options = options.with_runtime_config(absolute(path)?);
    }
    let app = SpinApp::read(&options);
    let refusals: Vec<_> = app.refusals().map(ToString::to_string).collect();
    if !refusals.is_empty() {
        return Err(refusals.join("\n"));
    }
    let component = app.component(None).map_err(|finding| finding.to_string())?;
    let Some(source) = component.source() else {
        return Err(format!(
            "{}: the component's source is not a file",
            component.place()
        ));
    };
    let mut host = SpinHost::builder(source);
    let mut clouds = Clouds::default();
    for label in component.labels() {
        let store = app.store(label).map_err(|finding| finding.to_string())?;
        host = place(host, label, store.backend(), &mut clouds)?;
    }
    for variable in component.variables() {
        match variable.value() {
            Ok(value) => host = host.variable(variable.name(), value.expose_secret()),
            Err(finding) if finding.effect() == Effect::CannotTell => {
                return Err(finding.to_string());
            }
            // The component finds none.
            Err(_) => {}
        }
    }
    for (name, value) in component.environment() {
        host = host.env(name, value);
    }
    Ok(host)
}

fn place(
    host: SpinHostBuilder,
    label: &str,
    backend: &Backend,
    clouds: &mut Clouds,
) -> Result<SpinHostBuilder, String> {
    Ok(match backend {
        Backend::Sqlite(file) => host.key_value(label, file),
        Backend::Memory => host.key_value_in_memory(label),
        Backend::Redis(redis) => host.redis(label, redis.url().expose_secret()),
        Backend::Dynamo(dynamo) => {
            let name = [dynamo.region(), dynamo.table()].map(str::to_owned);
            let table = clouds.tables.entry(name).or_default();
            let table = table.clone().consistent_read(dynamo.consistent_read());
            host.dynamo(label, &table)
        }
        Backend::Cosmos(cosmos) => {
            let name = [cosmos.account(), cosmos.database(), cosmos.container()];
            let container = clouds.containers.entry(name.map(str::to_owned));
            let container = container.or_default().clone();
            if cosmos.has_key() {
                host.cosmos(label, &container)
            } else {
                host.cosmos(label, &container.unsigned())
            }
        }
        other => {
            return Err(format!(
                "this host has no store of the type {}",
                other.kind()
            ));
        }
    })
}
