//! What a real Spin keeps the labels on.

use std::time::Duration;

use edgezero_spin_host::RedisServer;
use serde_json::json;

use super::LABELS;

/// The region that the stanzas name; a local server takes any.
const REGION: &str = "us-east-1";

/// A platform of Spin's key-value stores.
pub(crate) enum Platform {
    /// A file for each label.
    Sqlite,
    /// A Redis server. Each label has a database.
    Redis(RedisServer),
    /// The DynamoDB server at this URL. Each label has a table.
    Dynamo { endpoint: String, tables: String },
}

impl Platform {
    /// DynamoDB at `endpoint`, with new tables.
    pub(crate) fn dynamo(endpoint: &str) -> Result<Self, String> {
        let tables = format!("conformance-{:x}", rand::random::<u64>());
        for label in LABELS {
            create_table(endpoint, &format!("{tables}-{label}"))?;
        }
        Ok(Self::Dynamo {
            endpoint: endpoint.to_owned(),
            tables,
        })
    }

    /// As the guest's fixture reads it in the variable `platform`.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Redis(_) => "redis",
            Self::Dynamo { .. } => "dynamo",
        }
    }

    /// The stanza of the runtime config file for a label.
    pub(super) fn stanza(&self, label: &str) -> String {
        let settings = match self {
            // It needs none, and lives in the state folder.
            Self::Sqlite if label == "default" => return String::new(),
            Self::Sqlite => format!("type = \"spin\"\npath = \".spin/{label}.db\""),
            Self::Redis(server) => {
                format!(
                    "type = \"redis\"\nurl = \"{}\"",
                    server.url(database(label))
                )
            }
            Self::Dynamo { tables, .. } => format!(
                "type = \"aws_dynamo\"\nregion = \"{REGION}\"\ntable = \"{tables}-{label}\"\n\
                 consistent_read = true"
            ),
        };
        format!("[key_value_store.{label}]\n{settings}\n\n")
    }

    /// What Spin needs in its environment.
    pub(super) fn environment(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Sqlite | Self::Redis(_) => Vec::new(),
            Self::Dynamo { endpoint, .. } => vec![
                ("AWS_ENDPOINT_URL", endpoint.clone()),
                ("AWS_REGION", REGION.to_owned()),
                ("AWS_ACCESS_KEY_ID", "test".to_owned()),
                ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ],
        }
    }
}

/// The number of a label's Redis database.
pub(crate) fn database(label: &str) -> u8 {
    let labels = (0..).zip(LABELS);
    let mut found = labels.filter_map(|(number, other)| (other == label).then_some(number));
    found.next().unwrap_or(u8::MAX)
}

/// Makes a table in Spin's form, by DynamoDB's HTTP interface. A local server does not
/// check the signature.
fn create_table(endpoint: &str, table: &str) -> Result<(), String> {
    let request = json!({
        "TableName": table,
        "AttributeDefinitions": [{ "AttributeName": "PK", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "PK", "KeyType": "HASH" }],
        "BillingMode": "PAY_PER_REQUEST",
    });
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into();
    agent
        .post(endpoint)
        .header("Content-Type", "application/x-amz-json-1.0")
        .header("X-Amz-Target", "DynamoDB_20120810.CreateTable")
        .header(
            "Authorization",
            format!(
                "AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/dynamodb/aws4_request, \
                 SignedHeaders=host, Signature=0"
            ),
        )
        .send(request.to_string())
        .map(drop)
        .map_err(|error| format!("cannot make the table {table} at {endpoint}: {error}"))
}
