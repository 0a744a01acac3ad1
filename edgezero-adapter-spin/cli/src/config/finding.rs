//! What is wrong, and where.

use std::fmt;
use std::path::{Path, PathBuf};

use edgezero_spin_app::Effect;

use crate::arguments::Adapter;
use crate::project::Project;
use crate::say;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    Error,
    Warning,
    /// Nothing is wrong.
    Note,
}

impl Severity {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One thing that is wrong, or good to know. Its message has no value in it.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    pub(super) file: PathBuf,
    /// Counted from 1.
    pub(crate) line: usize,
    pub(crate) message: String,
}

impl Finding {
    pub(super) fn error(file: &Path, line: usize, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            file: file.to_owned(),
            line,
            message: message.into(),
        }
    }

    /// What the model of Spin found: `None` where it cannot tell. That a build is missing is a
    /// note, and on the host nothing.
    pub(super) fn of_spin(project: &Project, found: &edgezero_spin_app::Finding) -> Option<Self> {
        let severity = match found.effect() {
            Effect::DoesNotStart => Severity::Error,
            Effect::FailsLater => Severity::Warning,
            Effect::NotBuilt if project.adapter == Adapter::Spin => {
                let message = format!(
                    "{}: not built yet, so the Wasm is not checked",
                    say::part(found.message())
                );
                let path = project.spin_toml_path();
                let path = found.file().unwrap_or(&path);
                return Some(Self::note(path, found.line().unwrap_or(1), message));
            }
            _ => return None,
        };
        Some(Self {
            severity,
            ..Self::located(&project.spin_toml_path(), found)
        })
    }

    /// In one line; `file` is where it is not about a file.
    pub(super) fn located(file: &Path, found: &edgezero_spin_app::Finding) -> Self {
        let remedy = found.remedy().trim_end();
        let remedy = remedy.replace("\n\n", " ").replace('\n', " / ");
        let message = format!("{}; {remedy}", say::part(found.message()));
        Self::error(
            found.file().unwrap_or(file),
            found.line().unwrap_or(1),
            message,
        )
    }

    /// `<file>:<line>`.
    pub(super) fn place(&self) -> String {
        format!("{}:{}", self.file.display(), self.line)
    }

    pub(super) fn note(file: &Path, line: usize, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Note,
            ..Self::error(file, line, message)
        }
    }

    pub(super) fn warning(file: &Path, line: usize, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(file, line, message)
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = self.severity.as_str();
        write!(f, "{severity}: {}: {}", self.place(), self.message)
    }
}
