//! Where the value of a variable comes from.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use secrecy::{ExposeSecret, SecretString};

use crate::dot_env::DotEnv;
use crate::finding::{Effect, Finding, Place};
use crate::manifest::{AppVariable, Manifest};
use crate::options::Options;
use crate::runtime_config::Provider;
use crate::template::Part;
use crate::{DOT_ENV, VARIABLE_PREFIX};

/// A variable of a component: what `variables.get` answers.
#[derive(Clone, Debug)]
pub struct Variable {
    name: String,
    place: Place,
    sources: Vec<Source>,
    value: Result<SecretString, Finding>,
}

impl Variable {
    /// The name by which the component asks for it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where spin.toml declares it for the component.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// What the value is made of, in order: one for a literal or a single `{{ name }}`,
    /// several for a template of several. A variable that has no value is not among them.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The value.
    ///
    /// # Errors
    /// Why there is none, or why the model cannot know it: [`Finding::effect`] says which.
    pub fn value(&self) -> Result<&SecretString, Finding> {
        self.value.as_ref().map_err(Clone::clone)
    }
}

/// A part of a variable's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    variable: Option<String>,
    origin: Origin,
}

impl Source {
    /// The variable of the application; `None` for literal text.
    pub fn variable(&self) -> Option<&str> {
        self.variable.as_deref()
    }

    /// Where its value comes from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// Where the value of a variable of the application comes from. Spin asks in this order,
/// apart from literals, and takes the first value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Text in the component's `variables`.
    Literal,
    /// `--variable`.
    Option,
    /// A `static` provider of the runtime config.
    Static(Place),
    /// A variable of the environment.
    Environment {
        /// Its name.
        variable: String,
    },
    /// A file of variables.
    DotEnv {
        /// The file.
        file: PathBuf,
        /// The name that the file gives it.
        variable: String,
    },
    /// A Vault server, which the model does not ask.
    Vault(Place),
    /// An Azure Key Vault, which the model does not ask.
    AzureKeyVault(Place),
    /// `default` in spin.toml.
    Default(Place),
}

/// What a provider says of a variable.
enum Answer {
    Value(Origin, SecretString),
    /// Only the other machine knows.
    Unknown(Origin),
    Nothing,
    Failed(Finding),
}

/// All of Spin's places for the values of the application's variables.
pub(crate) struct Resolver<'a> {
    options: &'a Options,
    providers: &'a [Provider],
    variables: &'a std::collections::BTreeMap<String, AppVariable>,
    manifest: &'a Path,
    text: &'a crate::TomlFile,
    files: RefCell<HashMap<PathBuf, Rc<Result<DotEnv, Finding>>>>,
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(
        options: &'a Options,
        providers: &'a [Provider],
        manifest: &'a Manifest,
        text: &'a crate::TomlFile,
    ) -> Self {
        Self {
            options,
            providers,
            variables: &manifest.variables,
            manifest: text.path(),
            text,
            files: RefCell::default(),
        }
    }

    /// The variables of one component.
    pub(crate) fn of_component(
        &self,
        component: &crate::manifest::ComponentTable,
    ) -> Vec<Variable> {
        let bindings = component.variables.iter();
        let variables = bindings.map(|binding| {
            let place = self.text.place(binding.at);
            let mut sources = Vec::new();
            let value = match &binding.parts {
                Some(parts) => self.fill_in(parts, &binding.name, &place, &mut sources),
                None => Err(Finding::new(
                    Some(place.clone()),
                    Effect::DoesNotStart,
                    format!("the variable `{}` is not a template", binding.name),
                    "write a `}}` after each `{{`",
                )),
            };
            Variable {
                name: binding.name.clone(),
                place,
                sources,
                value,
            }
        });
        variables.collect()
    }

    fn fill_in(
        &self,
        parts: &[Part],
        binding: &str,
        place: &Place,
        sources: &mut Vec<Source>,
    ) -> Result<SecretString, Finding> {
        let mut value = String::new();
        let mut failed = None;
        if parts.is_empty() {
            sources.push(Source {
                variable: None,
                origin: Origin::Literal,
            });
        }
        for part in parts {
            let (variable, origin) = match part {
                Part::Literal(text) => {
                    value.push_str(text);
                    (None, Origin::Literal)
                }
                Part::Variable(name) => match self.resolve(name, binding, place) {
                    Answer::Value(origin, text) => {
                        value.push_str(text.expose_secret());
                        (Some(name.clone()), origin)
                    }
                    Answer::Unknown(origin) => {
                        failed.get_or_insert_with(|| unknown(name, &origin));
                        (Some(name.clone()), origin)
                    }
                    Answer::Nothing => {
                        failed.get_or_insert_with(|| self.no_value(name));
                        continue;
                    }
                    Answer::Failed(finding) => {
                        failed.get_or_insert(finding);
                        continue;
                    }
                },
            };
            sources.push(Source { variable, origin });
        }
        match failed {
            None => Ok(SecretString::from(value)),
            Some(finding) => Err(finding),
        }
    }

    fn resolve(&self, name: &str, binding: &str, place: &Place) -> Answer {
        for answer in self.ask(name) {
            if !matches!(answer, Answer::Nothing) {
                return answer;
            }
        }
        match self.variables.get(name) {
            Some(variable) => match &variable.default {
                Some(default) => {
                    let place = self.text.place(variable.at);
                    Answer::Value(Origin::Default(place), default.clone())
                }
                None => Answer::Nothing,
            },
            None => Answer::Failed(Finding::new(
                Some(place.clone()),
                Effect::DoesNotStart,
                format!("the variable `{binding}` is made of `{name}`, which is not declared"),
                "declare it in [variables]",
            )),
        }
    }

    /// Asks each provider in Spin's order.
    fn ask(&self, name: &str) -> impl Iterator<Item = Answer> {
        let given = self.options.variables.iter().rev();
        let given = given
            .filter(move |(given, _)| given == name)
            .map(|(_, value)| Answer::Value(Origin::Option, value.clone()));
        let providers = self.providers.iter().map(move |provider| match provider {
            Provider::Static { place, values } => match values.get(name) {
                Some(value) => Answer::Value(Origin::Static(place.clone()), value.clone()),
                None => Answer::Nothing,
            },
            Provider::Environment { prefix, dot_env } => {
                let prefix = prefix.as_deref().unwrap_or(VARIABLE_PREFIX);
                self.environment(name, prefix, dot_env.as_deref())
            }
            Provider::Vault(place) => Answer::Unknown(Origin::Vault(place.clone())),
            Provider::AzureKeyVault(place) => Answer::Unknown(Origin::AzureKeyVault(place.clone())),
        });
        let last = std::iter::once_with(move || {
            self.environment(name, VARIABLE_PREFIX, Some(Path::new(DOT_ENV)))
        });
        given.chain(providers).chain(last)
    }

    fn environment(&self, name: &str, prefix: &str, dot_env: Option<&Path>) -> Answer {
        let variable = format!("{prefix}_{}", name.to_ascii_uppercase());
        if let Some(value) = self.options.environment.get(&variable) {
            return match value.to_str() {
                Some(value) => {
                    Answer::Value(Origin::Environment { variable }, SecretString::from(value))
                }
                None => Answer::Failed(Finding::new(
                    None,
                    Effect::FailsLater,
                    format!("the environment variable {variable} is not UTF-8 text"),
                    "set it to UTF-8 text",
                )),
            };
        }
        let Some(path) = dot_env else {
            return Answer::Nothing;
        };
        match &*self.file(&self.options.working_folder.join(path)) {
            Ok(file) => match file.variables.get(&variable) {
                Some(value) => {
                    let file = file.path.clone();
                    Answer::Value(Origin::DotEnv { file, variable }, value.clone())
                }
                None => Answer::Nothing,
            },
            Err(finding) => Answer::Failed(finding.clone()),
        }
    }

    /// Each file is read once.
    fn file(&self, path: &Path) -> Rc<Result<DotEnv, Finding>> {
        let mut files = self.files.borrow_mut();
        let file = files.entry(path.to_owned());
        file.or_insert_with(|| Rc::new(DotEnv::read(path))).clone()
    }

    fn no_value(&self, name: &str) -> Finding {
        let place = match self.variables.get(name) {
            Some(variable) => self.text.place(variable.at),
            None => Place {
                file: self.manifest.to_owned(),
                line: 1,
            },
        };
        let dot_env = self.options.working_folder.join(DOT_ENV);
        let variable = format!("{VARIABLE_PREFIX}_{}", name.to_ascii_uppercase());
        let mut remedy = format!("set {variable} in Spin's environment");
        // Of a file that Spin cannot read there is another finding.
        if matches!(&*self.file(&dot_env), Ok(file) if file.closed.is_none()) {
            remedy += &format!(
                ", or write {variable}=<value> in {}, which is in the folder where Spin is run",
                dot_env.display()
            );
        }
        let message = format!("the variable `{name}` is required and has no value");
        Finding::new(Some(place), Effect::DoesNotStart, message, remedy)
    }

    /// Why Spin does not start for want of a value, and what fails when a component asks.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (name, variable) in self.variables {
            let answers: Vec<_> = self.ask(name).collect();
            let may_resolve =
                |answer: &Answer| matches!(answer, Answer::Value(..) | Answer::Unknown(_));
            let first = answers
                .iter()
                .find(|answer| !matches!(answer, Answer::Nothing));
            if let Some(Answer::Failed(finding)) = first {
                findings.push(finding.clone());
            }
            if variable.good && variable.default.is_none() && !answers.iter().any(may_resolve) {
                findings.push(self.no_value(name));
            }
        }
        let files = self.files.borrow();
        let read = files
            .values()
            .filter_map(|file| file.as_ref().as_ref().ok());
        findings.extend(read.filter_map(|file| file.closed.clone()));
        findings
    }
}

fn unknown(name: &str, origin: &Origin) -> Finding {
    let (place, who) = match origin {
        Origin::AzureKeyVault(place) => (Some(place.clone()), "an Azure Key Vault"),
        Origin::Vault(place) => (Some(place.clone()), "a Vault server"),
        _ => (None, "another machine"),
    };
    Finding::new(
        place,
        Effect::CannotTell,
        format!("the value of the variable `{name}` is for {who} to say, which is not asked here"),
        "give it a value before that: a `static` provider above this one",
    )
}
