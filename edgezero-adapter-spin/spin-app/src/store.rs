//! Where Spin keeps a label.

use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use url::Url;

use crate::finding::Place;
use crate::{DEFAULT_FILE, DEFAULT_STATE_DIR};

/// Where Spin keeps a label.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) label: String,
    pub(crate) place: Option<Place>,
    pub(crate) backend: Backend,
}

impl Store {
    /// The label.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The label's stanza in the runtime config; `None` for `default` without a stanza.
    pub fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    /// What the label is kept on.
    pub fn backend(&self) -> &Backend {
        &self.backend
    }

    /// The SQLite file, where it is one.
    pub fn file(&self) -> Option<&Path> {
        match &self.backend {
            Backend::Sqlite(file) => Some(file),
            _ => None,
        }
    }

    /// Whether a key that is written in one of the two labels is found in the other:
    /// two labels of one Redis database, of one DynamoDB table, or of one container in
    /// Cosmos. A SQLite file keeps its labels apart.
    pub fn shares_keys_with(&self, other: &Self) -> bool {
        self.label == other.label
            || match (&self.backend, &other.backend) {
                (Backend::Redis(one), Backend::Redis(two)) => one.database() == two.database(),
                (Backend::Dynamo(one), Backend::Dynamo(two)) => {
                    (&one.region, &one.table) == (&two.region, &two.table)
                }
                (Backend::Cosmos(one), Backend::Cosmos(two)) => {
                    (&one.account, &one.database, &one.container)
                        == (&two.account, &two.database, &two.container)
                }
                _ => false,
            }
    }
}

/// What a label is kept on.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Backend {
    /// `type = "spin"` with a path, or `default` without a stanza: a SQLite file.
    Sqlite(PathBuf),
    /// `type = "spin"` without a path, or `default` without a state folder: memory, which
    /// is empty at each start.
    Memory,
    /// `type = "redis"`.
    Redis(Redis),
    /// `type = "aws_dynamo"`.
    Dynamo(Dynamo),
    /// `type = "azure_cosmos"`.
    Cosmos(Cosmos),
}

impl Backend {
    /// The `type` of the stanza.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite(_) | Self::Memory => "spin",
            Self::Redis(_) => "redis",
            Self::Dynamo(_) => "aws_dynamo",
            Self::Cosmos(_) => "azure_cosmos",
        }
    }
}

/// What identifies the data, without a secret.
impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "{}", file.display()),
            Self::Memory => f.write_str("memory, which is empty at each start of Spin"),
            Self::Redis(redis) => write!(f, "Redis at {}", redis.database()),
            Self::Dynamo(dynamo) => {
                write!(
                    f,
                    "the DynamoDB table {} in {}",
                    dynamo.table, dynamo.region
                )
            }
            Self::Cosmos(cosmos) => write!(
                f,
                "the container {} of the Cosmos database {} in {}",
                cosmos.container, cosmos.database, cosmos.account
            ),
        }
    }
}

/// A database of a Redis server.
#[derive(Clone, Debug)]
pub struct Redis {
    url: SecretString,
    database: String,
}

impl Redis {
    /// `None` where Spin refuses the URL.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let schemes = [
            "redis",
            "rediss",
            "valkey",
            "valkeys",
            "redis+unix",
            "valkey+unix",
            "unix",
        ];
        schemes.contains(&url.scheme()).then(|| Self {
            database: database(&url),
            url: SecretString::from(text),
        })
    }

    /// The URL as it is written, which can hold a password.
    pub fn url(&self) -> &SecretString {
        &self.url
    }

    /// The server and the database's number, `localhost:6379/0`, without a login.
    pub fn database(&self) -> &str {
        &self.database
    }
}

fn database(url: &Url) -> String {
    if url.scheme().ends_with("unix") {
        let number = url.query_pairs().find(|(name, _)| name == "db");
        let number = number.map_or("0".into(), |(_, number)| number);
        return format!("{}?db={number}", url.path());
    }
    let host = url.host_str().unwrap_or_default();
    // What is not a number may be a part of a password with a `/` in it.
    let number = Some(url.path().trim_matches('/'))
        .filter(|path| path.bytes().all(|byte| byte.is_ascii_digit()))
        .unwrap_or("?");
    let number = if number.is_empty() { "0" } else { number };
    format!("{host}:{}/{number}", url.port().unwrap_or(6379))
}

/// A table of DynamoDB.
#[derive(Clone, Debug)]
pub struct Dynamo {
    pub(crate) region: String,
    pub(crate) table: String,
    pub(crate) consistent_read: bool,
}

impl Dynamo {
    /// The region.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The table's name.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// Whether a read sees every write that was answered before it.
    pub fn consistent_read(&self) -> bool {
        self.consistent_read
    }
}

/// A container of Azure Cosmos DB.
#[derive(Clone, Debug)]
pub struct Cosmos {
    pub(crate) account: String,
    pub(crate) database: String,
    pub(crate) container: String,
    pub(crate) has_key: bool,
}

impl Cosmos {
    /// The account.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The database.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The container.
    pub fn container(&self) -> &str {
        &self.container
    }

    /// Whether the stanza has a `key`. Without one Spin logs in by its environment.
    pub fn has_key(&self) -> bool {
        self.has_key
    }
}

/// The line of a stanza that keeps a label in the file of `default`, where the runtime
/// config is beside spin.toml: the path is relative to the runtime config.
pub fn path_line() -> String {
    format!("path = \"{DEFAULT_STATE_DIR}/{DEFAULT_FILE}\"")
}

/// The stanza of the runtime config that keeps a label in a SQLite file: what to add
/// where a label is missing.
///
/// ```
/// assert_eq!(
///     edgezero_spin_app::stanza("cache"),
///     "[key_value_store.cache]\ntype = \"spin\"\npath = \".spin/sqlite_key_value.db\"\n"
/// );
/// ```
pub fn stanza(label: &str) -> String {
    let label = toml_edit::Key::new(label);
    format!(
        "[key_value_store.{label}]\ntype = \"spin\"\n{}\n",
        path_line()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_of_redis_is_known_by_its_server_and_number() {
        for (url, database) in [
            ("redis://localhost", "localhost:6379/0"),
            ("redis://u:planted@localhost:6379/0", "localhost:6379/0"),
            ("rediss://:planted@h:1/12", "h:1/12"),
            ("unix:///tmp/socket?db=3&pass=planted", "/tmp/socket?db=3"),
        ] {
            let redis = Redis::new(url).unwrap();
            assert_eq!(redis.database(), database);
            assert!(!format!("{redis:?}").contains("planted"));
        }
        for url in ["localhost:6379", "http://localhost", "", "redis//x"] {
            assert!(Redis::new(url).is_none(), "{url}");
        }
    }
}
