//! Backends as the runtime config names them.

use edgezero_spin_host::{RedisServer, SpinHost};
use serde_json::json;

use crate::{GUEST, last, run};

fn manifest(labels: &str) -> String {
    format!(
        "spin_manifest_version = 2\n[application]\nname = \"app\"\n[[trigger.http]]\n\
         route = \"/...\"\ncomponent = \"guest\"\n[component.guest]\n\
         source = \"guest.wasm\"\nkey_value_stores = {labels}\n"
    )
}

#[tokio::test]
async fn each_type_of_store_is_understood() {
    let folder = tempfile::tempdir().unwrap();
    let server = RedisServer::start().unwrap_or_else(|error| panic!("{error}"));
    std::fs::copy(GUEST.as_path(), folder.path().join("guest.wasm")).unwrap();
    let spin_toml = folder.path().join("spin.toml");
    let labels = r#"["default", "sqlite", "redis", "dynamo", "same-table", "cosmos"]"#;
    std::fs::write(&spin_toml, manifest(labels)).unwrap();
    let config = folder.path().join("runtime-config.toml");
    let stanzas = format!(
        r#"
[key_value_store.sqlite]
type = "spin"
path = "kv.db"
[key_value_store.redis]
type = "redis"
url = "{}"
[key_value_store.dynamo]
type = "aws_dynamo"
region = "eu-west-1"
table = "app"
consistent_read = true
[key_value_store.same-table]
type = "aws_dynamo"
region = "eu-west-1"
table = "app"
[key_value_store.cosmos]
type = "azure_cosmos"
key = "a2V5"
account = "account"
database = "database"
container = "container"
"#,
        server.url(3)
    );
    std::fs::write(&config, stanzas).unwrap();
    let builder = SpinHost::from_manifest(&spin_toml, Some(&config)).unwrap();
    let table = builder.dynamo_table("dynamo").unwrap().clone();
    let container = builder.cosmos_container("cosmos").unwrap().clone();
    assert!(builder.dynamo_table("redis").is_none());
    let host = builder.build().unwrap();
    for label in ["default", "sqlite", "redis", "dynamo", "cosmos"] {
        let steps = json!([
            {"do": "open", "label": label},
            {"do": "set", "key": "k", "value": label},
            {"do": "get", "key": "k"}
        ]);
        assert_eq!(last(&host, steps).await, format!("{label:?}"));
    }
    assert!(folder.path().join(".spin/sqlite_key_value.db").exists());
    assert!(folder.path().join("kv.db").exists());
    assert!(table.item("k").is_some());
    assert!(container.document("k").is_some());
    // The same table, and not consistently.
    let steps = json!([
        {"do": "open", "label": "same-table"},
        {"do": "get", "key": "k"},
        {"do": "get", "key": "k"}
    ]);
    let answers = run(&host, steps).await.unwrap();
    assert_eq!(answers, ["1", "nothing", "\"dynamo\""]);
}

#[test]
fn another_type_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let spin_toml = folder.path().join("spin.toml");
    std::fs::write(&spin_toml, manifest(r#"["a"]"#)).unwrap();
    let config = folder.path().join("runtime-config.toml");
    std::fs::write(
        &config,
        "[key_value_store.a]\ntype = \"Redis\"\nurl = \"redis://x\"\n",
    )
    .unwrap();
    let error = SpinHost::from_manifest(&spin_toml, Some(&config)).unwrap_err();
    let error = error.to_string();
    assert!(error.contains("runtime-config.toml: line 2"), "{error}");
    assert!(error.contains("type = \"redis\""), "{error}");
}
