//! What the command takes.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use super::demo;
use super::say;

/// EdgeZero's apps: one set of handlers, in Fermyon Spin and on your machine.
#[derive(Parser)]
#[command(name = "edgezero", version, max_term_width = 100)]
pub(super) struct Arguments {
    /// The app's manifest; by default edgezero.toml in this folder, or in the nearest one
    /// above that has it.
    #[arg(long, global = true, env = "EDGEZERO_MANIFEST", value_name = "PATH")]
    pub(super) manifest: Option<PathBuf>,

    /// Say which files are read and which programs are run.
    #[arg(long, short, global = true)]
    pub(super) verbose: bool,

    #[command(subcommand)]
    pub(super) command: Command,
}

impl Arguments {
    /// The arguments of this process.
    ///
    /// clap reads `kv set n -inf` as `-i nf`, a file: a value that begins with '-' comes
    /// after `--`, and an option's value is a word of its own.
    pub(super) fn read() -> Result<Self, clap::Error> {
        let arguments = Self::try_parse()?;
        if !matches!(arguments.command, Command::Kv(_)) {
            return Ok(arguments);
        }
        let words = std::env::args_os().skip(1);
        let mut words = words.take_while(|word| word != "--");
        match words.find(|word| joins_option_and_value(word.as_encoded_bytes())) {
            None => Ok(arguments),
            Some(word) => {
                let word = say::part(word.display());
                let message = format!(
                    "unexpected argument '{word}' found: a value that begins with '-' comes after \
                     `--`, and the file of -i and -o is an argument of its own\n"
                );
                Err(Self::command().error(ErrorKind::UnknownArgument, message))
            }
        }
    }
}

/// Whether options of one letter have the file of `-i` or `-o` in the same word.
fn joins_option_and_value(word: &[u8]) -> bool {
    let Some(letters) = word
        .strip_prefix(b"-")
        .filter(|rest| !rest.starts_with(b"-"))
    else {
        return false;
    };
    let at = letters.iter().position(|letter| b"io".contains(letter));
    let after = at.and_then(|at| letters.get(at + 1));
    after.is_some_and(|sign| *sign != b'=')
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Makes a new app in a folder of its own.
    New(New),
    /// Builds the app for a platform.
    Build(Run),
    /// Runs the app on this machine, until Ctrl-C.
    Serve(Serve),
    /// Hands the app to the platform.
    Deploy(Run),
    /// Logs in to the platform and out of it.
    Auth(Auth),
    /// Lists the app's stores in the platform's manifest (spin.toml).
    Provision(Provision),
    /// Checks the app's configuration and puts it where the app reads it.
    Config(Config),
    /// Reads and writes a key-value store of this machine.
    Kv(Kv),
    /// Runs the example app on this machine, until Ctrl-C.
    Demo(demo::Arguments),
    /// Prints a script that completes this command's arguments in a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// Where an app runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Adapter {
    /// Fermyon Spin: a component of spin.toml.
    #[default]
    Spin,
    /// This machine: a program, on the file that Spin would use.
    // As EdgeZero calls it.
    #[value(alias = "axum")]
    Host,
}

impl Adapter {
    /// As `[adapters.<name>]` has it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Spin => "spin",
            Self::Host => "host",
        }
    }
}

#[derive(Args)]
pub(super) struct New {
    /// The app's name: letters, digits, '-' and '_', as of a crate.
    pub(super) name: String,
    /// The folder to make the app's folder in.
    #[arg(long, default_value = ".")]
    pub(super) dir: PathBuf,
    /// The platform; the app runs on this machine as well.
    #[arg(long, value_enum, default_value_t)]
    pub(super) adapter: Adapter,
}

#[derive(Args)]
pub(super) struct Run {
    /// The platform.
    #[arg(long, value_enum, default_value_t)]
    pub(super) adapter: Adapter,
    /// Extra arguments for the platform's command, or for the manifest's own: there they
    /// stand in the place of "$@", or else at the end.
    #[arg(last = true)]
    pub(super) arguments: Vec<OsString>,
}

#[derive(Args)]
pub(super) struct Serve {
    #[command(flatten)]
    pub(super) files: Files,
    /// Do not build the app first.
    #[arg(long)]
    pub(super) no_build: bool,
    /// Build and start the app again when one of its sources changes. For Spin, `spin watch`
    /// does it, by `watch` of the component in spin.toml.
    #[arg(long, conflicts_with = "no_build")]
    pub(super) watch: bool,
    /// The port of 127.0.0.1 to listen on; 0 lets the system choose one.
    #[arg(long, conflicts_with = "listen")]
    pub(super) port: Option<u16>,
    /// The address and the port to listen on.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(super) listen: Option<SocketAddr>,
    #[command(flatten)]
    pub(super) run: Run,
}

impl Serve {
    /// Where the app is to listen, if that was said.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        let port = self.port.map(|port| (Ipv4Addr::LOCALHOST, port).into());
        self.listen.or(port)
    }
}

#[derive(Args)]
pub(super) struct Auth {
    /// What to do.
    #[arg(value_enum)]
    pub(super) action: AuthAction,
    /// The platform.
    #[arg(long, value_enum, default_value_t)]
    pub(super) adapter: Adapter,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum AuthAction {
    /// Log in.
    Login,
    /// Log out.
    Logout,
    /// Say who is logged in.
    Status,
}

#[derive(Args)]
pub(super) struct Provision {
    /// The platform.
    #[arg(long, value_enum, default_value_t)]
    pub(super) adapter: Adapter,
    /// Say what would be changed, and change nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
}

#[derive(Args)]
pub(super) struct Config {
    #[command(subcommand)]
    pub(super) command: ConfigCommand,
}

#[derive(Subcommand)]
pub(super) enum ConfigCommand {
    /// Writes the app's configuration to where the app reads it.
    Push(Push),
    /// Shows what a push would change.
    Diff(Diff),
    /// Finds what would keep the app from its stores, configuration and secrets.
    Validate(Validate),
}

/// Which of Spin's files are meant. They mean the same in every command.
#[derive(Args, Clone, Default)]
pub(super) struct Files {
    /// Spin's runtime config. Without it, RUNTIME_CONFIG_FILE names the file, or it is
    /// runtime-config.toml beside spin.toml.
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) runtime_config: Option<PathBuf>,
    /// Spin's state folder, which has the file of the label `default`.
    // An empty one is a value, which clap's parser of paths refuses.
    #[arg(long, global = true, value_name = "DIR", value_parser = OsStringValueParser::new().map(PathBuf::from))]
    pub(super) state_dir: Option<PathBuf>,
}

impl Files {
    /// The state folder as an absolute path; empty where Spin is to have none.
    pub(super) fn state_dir(&self) -> anyhow::Result<Option<String>> {
        let Some(folder) = &self.state_dir else {
            return Ok(None);
        };
        if folder.as_os_str().is_empty() {
            return Ok(Some(String::new()));
        }
        let folder = std::path::absolute(folder)
            .with_context(|| format!("cannot use --state-dir {}", folder.display()))?;
        match folder.into_os_string().into_string() {
            Ok(folder) => Ok(Some(folder)),
            Err(_) => bail!("cannot use --state-dir: the path is not UTF-8 text"),
        }
    }
}

/// Which configuration, and where to.
#[derive(Args)]
pub(super) struct Source {
    /// The platform.
    #[arg(long, value_enum, default_value_t)]
    pub(super) adapter: Adapter,
    /// Which of [stores.config]; by default its default.
    #[arg(long, value_name = "ID")]
    pub(super) store: Option<String>,
    /// The configuration; by default <app's name>.toml beside the manifest, and for a store
    /// that is not the default <app's name>.<ID>.toml.
    #[arg(long, value_name = "FILE")]
    pub(super) app_config: Option<PathBuf>,
    #[command(flatten)]
    pub(super) files: Files,
    /// To this machine's file, also where the manifest says that a push goes to the cloud.
    #[arg(long)]
    pub(super) local: bool,
    /// Also to a file that is not in the app's folder.
    #[arg(long)]
    pub(super) allow_outside: bool,
    /// Do not take values from variables <APP_NAME>__SECTION__KEY.
    #[arg(long)]
    pub(super) no_env: bool,
}

#[derive(Args)]
pub(super) struct Push {
    #[command(flatten)]
    pub(super) source: Source,
    /// Also delete the store's keys that the file does not have.
    #[arg(long)]
    pub(super) prune: bool,
    /// Say what would be written where, and write nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Do not ask. Without a terminal nothing is asked.
    #[arg(long, short)]
    pub(super) yes: bool,
    /// Do not show the difference.
    #[arg(long)]
    pub(super) no_diff: bool,
}

#[derive(Args)]
pub(super) struct Diff {
    #[command(flatten)]
    pub(super) source: Source,
    /// End with 1 where a push would change anything, and with 2 after an error.
    #[arg(long)]
    pub(super) exit_code: bool,
    /// For people or for programs.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Args)]
pub(super) struct Validate {
    /// The platform.
    #[arg(long, value_enum, default_value_t)]
    pub(super) adapter: Adapter,
    /// Only this one of [stores.config]; by default all of them.
    #[arg(long, value_name = "ID")]
    pub(super) store: Option<String>,
    /// The configuration; by default <app's name>.toml beside the manifest, and for a store
    /// that is not the default <app's name>.<ID>.toml.
    #[arg(long, value_name = "FILE")]
    pub(super) app_config: Option<PathBuf>,
    #[command(flatten)]
    pub(super) files: Files,
    /// Do not take values from variables <APP_NAME>__SECTION__KEY.
    #[arg(long)]
    pub(super) no_env: bool,
    /// Treat warnings as errors.
    #[arg(long)]
    pub(super) strict: bool,
    /// For people or for programs.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON document.
    Json,
}

#[derive(Args)]
pub(super) struct Kv {
    /// The platform whose files on this machine are meant.
    #[arg(long, value_enum, default_value_t, global = true)]
    pub(super) adapter: Adapter,
    /// A store of [stores.kv], or else of [stores.config]; by default its default.
    #[arg(long, global = true, value_name = "ID")]
    pub(super) store: Option<String>,
    #[command(flatten)]
    pub(super) files: Files,
    /// Also use a file that is not in the app's folder.
    #[arg(long, global = true)]
    pub(super) allow_outside: bool,
    #[command(subcommand)]
    pub(super) command: KvCommand,
}

#[derive(Subcommand)]
pub(super) enum KvCommand {
    /// Prints a value: on a terminal a counter as its number and JSON indented, in a pipe
    /// the value as it is.
    Get {
        /// The key.
        key: String,
        /// As hexadecimal digits.
        #[arg(long, conflicts_with = "output")]
        hex: bool,
        /// To this file, byte for byte; - is the standard output.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Writes a value.
    Set {
        /// The key.
        key: String,
        /// The value, as text. One that begins with '-' and is not a number comes after `--`.
        #[arg(required_unless_present_any = ["hex", "input"], allow_negative_numbers = true)]
        value: Option<String>,
        /// The value, as hexadecimal digits.
        #[arg(long, conflicts_with_all = ["value", "input"], value_name = "DIGITS")]
        hex: Option<String>,
        /// The value is this file, byte for byte; - is the standard input.
        #[arg(long, short, conflicts_with = "value", value_name = "FILE")]
        input: Option<PathBuf>,
        /// The value must be JSON, as the app's `put` writes it and `get` reads it.
        #[arg(long, conflicts_with = "hex")]
        json: bool,
    },
    /// Prints keys, one a line, in their order.
    List {
        /// Only those that start with it.
        #[arg(long, default_value = "")]
        prefix: String,
        /// How many at most, from 1 to 1000.
        #[arg(long, default_value_t = 100)]
        limit: usize,
        /// Those that follow the page that printed this cursor.
        #[arg(long)]
        cursor: Option<String>,
        /// Also print each value: in a pipe as it is, after a tab.
        #[arg(long)]
        values: bool,
    },
    /// Deletes a key; one that is missing is no error.
    Delete {
        /// The key.
        key: String,
    },
}
