//! Where a push goes: a file of this machine, or Fermyon Cloud.

use std::fmt;
use std::path::PathBuf;

use anyhow::{Context, bail};
use edgezero_manifest::PushTarget;
use edgezero_store_traits::Label;
use edgezero_store_traits::store_label::StoreKind;

use crate::arguments::{Adapter, Source};
use crate::project::Project;
use crate::say;
use crate::shell;
use crate::spin::Spin;
use crate::store;

pub(super) enum Destination {
    File { file: PathBuf, label: Label },
    Cloud { app: String, label: Label },
}

impl Destination {
    /// Where the app will read it; else the error says what to change.
    pub(super) fn find(project: &Project, source: &Source, spin: &Spin) -> anyhow::Result<Self> {
        let id = project.config_store(source.store.as_deref())?;
        let resolved = store::resolve(StoreKind::Config, &id, spin)?;
        let label = resolved.label;
        let cloud = !source.local && goes_to_cloud(project);
        let path = spin.app.manifest_path().display();
        let component = spin.component_key();
        if !spin.lists(&label) {
            bail!(
                "{path}: line {}: the component {component} may not open the label {:?}: it is not \
                 in key_value_stores. Run `edgezero provision`, which adds:\n\n\
                 key_value_stores = [\"{label}\"]\n",
                spin.line_of(&["key_value_stores"]),
                label.as_str()
            );
        }
        // On the host, the app's program has this environment.
        let elsewhere = resolved
            .elsewhere
            .filter(|_| project.adapter == Adapter::Spin);
        if let Some(other) = elsewhere {
            let message = format!(
                "{} is set here only: the component would read the label {other:?}, not {:?}. Add \
                 to [component.{component}.environment] in {path}:\n\n{} = \"{label}\"\n",
                resolved.variable,
                label.as_str(),
                resolved.variable
            );
            if cloud {
                bail!("{message}");
            }
            // `edgezero serve` hands the variable over.
            say::err(format_args!("warning: {message}"))?;
        }
        if cloud {
            let path = spin.app.manifest_path().display();
            let app = spin.app.name().with_context(|| {
                format!("{path} has no [application] name, which Fermyon Cloud knows the app by")
            })?;
            if app.starts_with('-') {
                bail!(
                    "{path}: line {}: the [application] name {app:?} would be an option to `spin \
                     cloud`: rename the app",
                    spin.manifest()?.line_of(&["application", "name"])
                );
            }
            let app = app.to_owned();
            return Ok(Self::Cloud { app, label });
        }
        let file = store::local(project, spin, &label, &source.files, source.allow_outside)?;
        Ok(Self::File { file, label })
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file, label } => write!(f, "the label {label} in {}", file.display()),
            Self::Cloud { app, label } => {
                let app = say::part(app);
                write!(f, "the label {label} of the app {app} on Fermyon Cloud")
            }
        }
    }
}

/// `push` of the manifest decides; without it, whether its `deploy` line deploys to the
/// cloud.
fn goes_to_cloud(project: &Project) -> bool {
    let commands = &project.manifest.spin.commands;
    let deploys = || {
        let line = commands.deploy.as_deref().unwrap_or_default();
        let commands = shell::commands(line);
        commands.iter().any(|command| {
            shell::runs(command, "spin", &["deploy"])
                || shell::runs(command, "spin", &["cloud", "deploy"])
        })
    };
    project.adapter == Adapter::Spin
        && match commands.push {
            Some(target) => target == PushTarget::Cloud,
            None => deploys(),
        }
}
