//! A configuration with all that `AppConfig` reads, in Spin and on the host.

use std::path::Path;

use bytes::Bytes;
use edgezero_spin_host::SpinHost;
use edgezero_store_sqlite::SqliteFile;
use edgezero_store_sqlite::serve::{ServeOptions, Server};
use edgezero_store_traits::KvStore;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support;
use crate::target::Target;

const SPIN_TOML: &str = r#"spin_manifest_version = 2

[application]
name = "settings"

[variables]
key = { default = "planted-key" }
other = { default = "planted-other" }

[[trigger.http]]
route = "/..."
component = "settings"

[component.settings]
source = "settings.wasm"
key_value_stores = ["app_config", "flags"]

[component.settings.variables]
key = "{{ key }}"
other = "{{ other }}"
"#;

const RUNTIME_CONFIG: &str = r#"[key_value_store.app_config]
type = "spin"
path = "kv.db"

[key_value_store.flags]
type = "spin"
path = "kv.db"
"#;

const WEBHOOKS: &str = r#"[{"url": "a", "token": "key", "mirrors": [{"token": "other"}]}, {"url": "b", "token": "other"}]"#;

/// The app's files, and what its two stores have.
async fn app(settings: &[(&str, &str)], flags: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("spin.toml"), SPIN_TOML).unwrap();
    std::fs::write(folder.path().join("runtime-config.toml"), RUNTIME_CONFIG).unwrap();
    let file = SqliteFile::open(folder.path().join("kv.db")).unwrap();
    for (label, texts) in [("app_config", settings), ("flags", flags)] {
        let texts = texts.iter();
        let texts = texts.map(|(key, text)| ((*key).to_owned(), Bytes::from((*text).to_owned())));
        file.kv(label)
            .unwrap()
            .put_many(texts.collect())
            .await
            .unwrap();
    }
    folder
}

/// What the app answers in Spin and on the host, which is the same.
async fn answer(folder: &Path) -> (u16, Value) {
    let component = support::settings_component().unwrap();
    let mut host = SpinHost::builder(component);
    for label in ["app_config", "flags"] {
        host = host.key_value(label, folder.join("kv.db"));
    }
    for (name, value) in [("key", "planted-key"), ("other", "planted-other")] {
        host = host.variable(name, value);
    }
    let spin = Target::Spin(Box::new(host.build().unwrap()));
    let options = ServeOptions::new(folder).with_address(([127, 0, 0, 1], 0).into());
    let server = Server::bind::<conformance_settings::App>(options).await;
    let host = Target::serving(server.unwrap());
    let mut answers = Vec::new();
    for target in [&spin, &host] {
        let answer = target.ask("GET", "/", &[], "").await;
        let body: Value = serde_json::from_slice(answer.body()).unwrap();
        answers.push((answer.status().as_u16(), body));
    }
    host.stop().await;
    let on_host = answers.remove(1);
    assert_eq!(answers[0], on_host, "in Spin, and on the host");
    on_host
}

const LEAST: [(&str, &str); 5] = [
    ("site-title", "Shop"),
    ("mode", "strict"),
    ("webhooks", "[]"),
    ("api-key", "key"),
    ("vault", "default"),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_left_out_has_its_default() {
    let folder = app(&LEAST, &[]).await;
    let (status, read) = answer(folder.path()).await;
    assert_eq!(status, 200, "{read}");
    let expected = json!({
        "settings": {
            "site_title": "Shop",
            "language": null,
            "mode": "strict",
            "colors": {},
            "limits": { "page_size": 20, "seconds": 1.5, "verbose": false },
            "webhooks": [],
            "api_key": "planted-key",
            "backup_key": null,
            "vault": "default",
            "requests": 0,
        },
        "flags": { "new_cart": false, "rollout": null },
    });
    assert_eq!(read, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_field_is_read_and_each_secret_resolved() {
    let more = [
        ("lang", "de"),
        ("mode", "lenient"),
        ("colours", r#"{"link": "blue"}"#),
        ("limits.page_size", "1000"),
        ("limits.seconds", "0.25"),
        ("limits.verbose", "1"),
        ("webhooks", WEBHOOKS),
        ("backup-key", "other"),
    ];
    let flags = [("new_cart", "true"), ("rollout", "50")];
    let folder = app(&[&LEAST[..], &more].concat(), &flags).await;
    let (status, read) = answer(folder.path()).await;
    assert_eq!(status, 200, "{read}");
    let expected = json!({
        "settings": {
            "site_title": "Shop",
            "language": "de",
            "mode": "lenient",
            "colors": { "link": "blue" },
            "limits": { "page_size": 1000, "seconds": 0.25, "verbose": true },
            "webhooks": [
                { "url": "a", "token": "planted-key", "mirrors": ["planted-other"] },
                { "url": "b", "token": "planted-other", "mirrors": [] },
            ],
            "api_key": "planted-key",
            "backup_key": "planted-other",
            "vault": "default",
            "requests": 0,
        },
        "flags": { "new_cart": true, "rollout": 50 },
    });
    assert_eq!(read, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_cannot_be_read_is_the_same_problem_on_both() {
    for wrong in [
        ("site-title", ""),
        ("mode", "wild"),
        ("limits.page_size", "70000"),
        ("limits.page_size", "0"),
        ("colours", "blue"),
        ("webhooks", r#"[{"url": "a"}]"#),
        ("api-key", "missing"),
    ] {
        let folder = app(&[&LEAST[..], &[wrong]].concat(), &[]).await;
        let (status, problem) = answer(folder.path()).await;
        assert!(status >= 500, "{wrong:?}: {problem}");
    }
    let folder = app(&LEAST, &[("rollout", "256")]).await;
    let (status, problem) = answer(folder.path()).await;
    assert_eq!(status, 500, "{problem}");
}
