//! The host server: it opens what `spin up` would open for the same files.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use edgezero_store_sqlite::SqliteFile;
use edgezero_store_sqlite::serve::{
    HOST_VARIABLE, PORT_VARIABLE, ServeError, ServeOptions, Server,
};
use edgezero_store_traits::app::axum::Router;
use edgezero_store_traits::app::axum::extract::Path as InPath;
use edgezero_store_traits::app::axum::routing::get;
use edgezero_store_traits::app::{App, ClientAddress, Config, Kv, Metadata, Secrets, StoreIds};
use edgezero_store_traits::{ConfigError, KvError, KvStore, SecretError};
use secrecy::ExposeSecret;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

struct Shop;

const fn only(ids: &'static [&'static str]) -> Option<StoreIds> {
    Some(StoreIds::new(ids, ids[0]))
}

impl App for Shop {
    const METADATA: Metadata = Metadata {
        name: "shop",
        kv: only(&["default", "carts"]),
        config: only(&["app_config"]),
        secrets: only(&["default"]),
    };

    fn router() -> Router {
        Router::new()
            .route("/put/{id}", get(put))
            .route("/client", get(client))
            .route("/config", get(config))
            .route("/secret/{name}", get(secret))
    }
}

async fn put(kv: Kv, InPath(id): InPath<String>) -> Result<String, KvError> {
    let count = kv.named(&id).await?.increment("count", 1).await?;
    Ok(count.to_string())
}

async fn client(ClientAddress(address): ClientAddress) -> String {
    address.to_string()
}

async fn config(config: Config) -> Result<String, ConfigError> {
    config.default().await?.require("greeting").await
}

async fn secret(secrets: Secrets, InPath(name): InPath<String>) -> Result<String, SecretError> {
    let secret = secrets.default()?.require(&name).await?;
    Ok(secret.expose_secret().to_owned())
}

const NO_VARIABLES: [(&str, &str); 0] = [];

/// An app's folder.
struct Files(TempDir);

impl Files {
    /// The app with these labels, and more text behind its component's table.
    fn new(labels: &str, more: &str) -> Self {
        let files = Self(tempfile::tempdir().unwrap());
        files.write(
            "spin.toml",
            &format!(
                "spin_manifest_version = 2\napplication.name = \"shop\"\n[[trigger.http]]\n\
                 route = \"/...\"\ncomponent = \"shop\"\n[component.shop]\n\
                 source = \"shop.wasm\"\nkey_value_stores = {labels}\n{more}"
            ),
        );
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Without anything of this process's environment.
    fn options(&self) -> ServeOptions {
        ServeOptions::new(self.0.path())
            .with_environment(NO_VARIABLES)
            .with_address(([127, 0, 0, 1], 0).into())
    }
}

/// A server's address; it ends with the test.
async fn start(options: ServeOptions) -> SocketAddr {
    let server = Server::bind::<Shop>(options).await.unwrap();
    let address = server.address();
    tokio::spawn(server.run_until(std::future::pending()));
    address
}

async fn ask(address: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

async fn refused(options: ServeOptions) -> String {
    match Server::bind::<Shop>(options).await {
        Ok(server) => panic!("it started: {server}"),
        Err(error) => error.to_string(),
    }
}

/// What a label of a file holds under `count`, as the app counts.
async fn counted(file: &Path, label: &str) -> Option<i64> {
    let store = SqliteFile::open(file).unwrap().kv(label).unwrap();
    let count = store.get_bytes("count").await.unwrap()?;
    Some(i64::from_le_bytes(count.as_ref().try_into().unwrap()))
}

#[tokio::test]
async fn each_label_is_in_the_file_of_its_stanza() {
    let files = Files::new(r#"["default", "carts", "app_config"]"#, "");
    files.write(
        "runtime-config.toml",
        "[key_value_store.carts]\ntype = \"spin\"\npath = \"data/carts.db\"\n\
         [key_value_store.app_config]\ntype = \"spin\"\npath = \"config.db\"\n",
    );
    let config = SqliteFile::open(files.path("config.db")).unwrap();
    let config = config.kv("app_config").unwrap();
    config.put_bytes("greeting", "hello".into()).await.unwrap();
    let address = start(files.options()).await;
    assert_eq!(ask(address, "/put/carts").await, (200, "1".to_owned()));
    assert_eq!(ask(address, "/put/default").await, (200, "1".to_owned()));
    assert_eq!(ask(address, "/config").await, (200, "hello".to_owned()));
    assert_eq!(
        counted(&files.path("data/carts.db"), "carts").await,
        Some(1)
    );
    let default = files.path(".spin/sqlite_key_value.db");
    assert_eq!(counted(&default, "default").await, Some(1));
    assert_eq!(counted(&default, "carts").await, None);
}

#[tokio::test]
async fn the_state_folder_is_spins() {
    for (config, option, file) in [
        ("state_dir = \"data\"\n", None, Some("data")),
        ("", Some("other"), Some("other")),
        ("state_dir = \"\"\n", None, None),
    ] {
        let files = Files::new(r#"["default"]"#, "");
        files.write("runtime-config.toml", config);
        let mut options = files.options();
        if let Some(folder) = option {
            options = options.with_state_dir(folder);
        }
        let address = start(options).await;
        assert_eq!(ask(address, "/put/default").await, (200, "1".to_owned()));
        match file {
            Some(folder) => {
                let file = files.path(folder).join("sqlite_key_value.db");
                assert_eq!(counted(&file, "default").await, Some(1), "{config}");
            }
            // In memory, and so in no file of the app.
            None => assert!(!files.path(".spin").exists()),
        }
    }
}

#[tokio::test]
async fn a_label_in_memory_is_empty_at_each_start() {
    let files = Files::new(r#"["carts"]"#, "");
    files.write(
        "runtime-config.toml",
        "[key_value_store.carts]\ntype = \"spin\"\n",
    );
    for _ in 0..2 {
        let address = start(files.options()).await;
        assert_eq!(ask(address, "/put/carts").await, (200, "1".to_owned()));
        assert_eq!(ask(address, "/put/carts").await, (200, "2".to_owned()));
    }
}

#[tokio::test]
async fn a_label_on_another_machine_is_refused_without_its_password() {
    let files = Files::new(r#"["carts"]"#, "");
    files.write(
        "runtime-config.toml",
        "[key_value_store.carts]\ntype = \"redis\"\nurl = \"redis://:planted@db:6379/1\"\n",
    );
    let error = Server::bind::<Shop>(files.options()).await.unwrap_err();
    assert!(matches!(error, ServeError::Backend { .. }), "{error:?}");
    let text = format!("{error} {error:?}");
    assert!(
        text.contains("carts") && text.contains("db:6379/1"),
        "{text}"
    );
    assert!(!text.contains("planted"), "{text}");
    // Another runtime config, for this machine.
    files.write(
        "local.toml",
        "[key_value_store.carts]\ntype = \"spin\"\npath = \"carts.db\"\n",
    );
    for options in [
        files
            .options()
            .with_runtime_config(files.path("local.toml")),
        files
            .options()
            .with_environment([("RUNTIME_CONFIG_FILE", files.path("local.toml"))]),
    ] {
        let address = start(options).await;
        assert_eq!(ask(address, "/put/carts").await.0, 200);
    }
    assert_eq!(counted(&files.path("carts.db"), "carts").await, Some(2));
}

#[tokio::test]
async fn a_label_that_the_component_does_not_list_fails_its_requests_only() {
    let files = Files::new(r#"["default"]"#, "");
    let address = start(files.options()).await;
    assert_eq!(ask(address, "/put/carts").await.0, 503);
    assert_eq!(ask(address, "/put/default").await.0, 200);
}

#[tokio::test]
async fn what_spin_refuses_is_refused_with_file_and_line() {
    for (labels, more, config, parts) in [
        (
            r#"["carts"]"#,
            "",
            "",
            &["line 8", "[key_value_store.carts]"][..],
        ),
        (
            r#"["default"]"#,
            "variables.key = \"{{ key\"\n",
            "",
            &["spin.toml: line 9", "`key`"],
        ),
        (
            r#"["default"]"#,
            "",
            "logs = 1\n",
            &["runtime-config.toml: line 1"],
        ),
        (
            r#"["default"]"#,
            "[variables]\nkey = { required = true }\n",
            "",
            &["line 10", "SPIN_VARIABLE_KEY"],
        ),
    ] {
        let files = Files::new(labels, more);
        files.write("runtime-config.toml", config);
        let error = refused(files.options()).await;
        for part in parts {
            assert!(error.contains(part), "no {part} in {error}");
        }
    }
    let nowhere = tempfile::tempdir().unwrap();
    let error = refused(ServeOptions::new(nowhere.path())).await;
    assert!(error.contains("spin.toml"), "{error}");
}

#[tokio::test]
async fn secrets_are_the_components_variables() {
    let files = Files::new(
        r#"["default"]"#,
        r#"
[component.shop.variables]
api_key = "{{ upstream_key }}"
literal = "as it is"
url = "https://{{ user }}:{{ password }}@host"
by_default = "{{ user }}"
given = "{{ given }}"
in_file = "{{ in_file }}"
[variables]
upstream_key = { required = true }
user = { default = "ada" }
password = { required = true }
given = { default = "" }
in_file = { required = true }
unbound = { default = "x" }
"#,
    );
    files.write(
        "env/.env",
        "SPIN_VARIABLE_PASSWORD='in env'\nSHOP_IN_FILE=file\n",
    );
    files.write(
        "runtime-config.toml",
        "[[variables_provider]]\ntype = \"static\"\nvalues = { given = \"static\" }\n\
         [[variables_provider]]\ntype = \"env\"\nprefix = \"SHOP\"\ndotenv_path = \".env\"\n",
    );
    let options = files
        .options()
        .with_working_folder(files.path("env"))
        .with_environment([
            ("SPIN_VARIABLE_UPSTREAM_KEY", "upstream"),
            ("SPIN_VARIABLE_GIVEN", "environment"),
        ]);
    let address = start(options).await;
    for (name, value) in [
        ("api_key", "upstream"),
        ("API_KEY", "upstream"),
        ("literal", "as it is"),
        ("url", "https://ada:in env@host"),
        ("by_default", "ada"),
        ("given", "static"),
        ("in_file", "file"),
    ] {
        let answer = ask(address, &format!("/secret/{name}")).await;
        assert_eq!(answer, (200, value.to_owned()), "{name}");
    }
    // A variable of the application is not one of the component.
    for name in ["upstream_key", "unbound", "undeclared"] {
        assert_eq!(
            ask(address, &format!("/secret/{name}")).await.0,
            404,
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_file_of_secrets_with_a_byte_order_mark_is_named() {
    let more = "variables.key = \"{{ key }}\"\n[variables]\nkey = { default = \"\" }\n";
    let files = Files::new(r#"["default"]"#, more);
    files.write(".env", "\u{feff}SPIN_VARIABLE_KEY=planted\n");
    let server = Server::bind::<Shop>(files.options()).await.unwrap();
    let [warning] = server.warnings() else {
        panic!("{:?}", server.warnings());
    };
    let text = format!("{warning} {warning:?}");
    assert!(text.contains(".env: line 1"), "{text}");
    assert!(
        text.contains("byte order mark") && !text.contains("planted"),
        "{text}"
    );
    let address = server.address();
    tokio::spawn(server.run_until(std::future::pending()));
    assert_eq!(ask(address, "/secret/key").await.0, 503);
}

#[tokio::test]
async fn the_components_environment_names_the_stores() {
    let name = "EDGEZERO__STORES__KV__CARTS__NAME";
    let more = format!("environment = {{ {name} = \"prod\" }}\n");
    let files = Files::new(r#"["prod", "test"]"#, &more);
    files.write(
        "runtime-config.toml",
        "[key_value_store.prod]\ntype = \"spin\"\npath = \"prod.db\"\n\
         [key_value_store.test]\ntype = \"spin\"\npath = \"test.db\"\n",
    );
    let address = start(files.options()).await;
    assert_eq!(ask(address, "/put/carts").await.0, 200);
    assert_eq!(counted(&files.path("prod.db"), "prod").await, Some(1));
    // This process's environment before it.
    let address = start(files.options().with_environment([(name, "test")])).await;
    assert_eq!(ask(address, "/put/carts").await.0, 200);
    assert_eq!(counted(&files.path("test.db"), "test").await, Some(1));
}

#[tokio::test]
async fn a_variable_that_configures_no_store_is_reported() {
    let more = "environment = { EDGEZERO__STORES__KV__CARTZ__NAME = \"a\" }\n";
    let files = Files::new(r#"["default"]"#, more);
    let options = files.options().with_environment([
        ("EDGEZERO__STORES__KV__DEFAULT__NAME", "default"),
        ("EDGEZERO__STORES__KV__CART__NAME", "b"),
        ("PATH", "/bin"),
    ]);
    let server = Server::bind::<Shop>(options).await.unwrap();
    let stray = server.stray_variables().iter();
    let stray: Vec<_> = stray
        .map(|stray| (&*stray.name, stray.meant.as_deref()))
        .collect();
    let meant = Some("EDGEZERO__STORES__KV__CARTS__NAME");
    assert_eq!(
        stray,
        [
            ("EDGEZERO__STORES__KV__CARTZ__NAME", meant),
            ("EDGEZERO__STORES__KV__CART__NAME", meant),
        ]
    );
}

#[tokio::test]
async fn a_handler_learns_the_clients_address() {
    let files = Files::new(r#"["default"]"#, "");
    let address = start(files.options()).await;
    let answer = ask(address, "/client").await;
    assert_eq!(answer, (200, "127.0.0.1".to_owned()));
}

#[tokio::test]
async fn the_environment_says_where_it_listens_unless_the_program_does() {
    let files = Files::new(r#"["default"]"#, "");
    let bind = async |variables: &[(&str, &str)]| {
        let options = ServeOptions::new(files.0.path());
        let options = options.with_environment(variables.iter().copied());
        Server::bind::<Shop>(options).await
    };
    let server = bind(&[(HOST_VARIABLE, "127.0.0.2"), (PORT_VARIABLE, "0")]);
    let address = server.await.unwrap().address();
    assert_eq!(address.ip().to_string(), "127.0.0.2");
    assert!(![0, 3000].contains(&address.port()));
    let server = bind(&[(HOST_VARIABLE, " localhost "), (PORT_VARIABLE, "0")]);
    assert!(server.await.unwrap().address().ip().is_loopback());
    for (variable, value) in [
        (HOST_VARIABLE, "nowhere.example"),
        (PORT_VARIABLE, "65536"),
        (PORT_VARIABLE, "http"),
    ] {
        let error = bind(&[(variable, value)]).await.unwrap_err().to_string();
        assert!(error.contains(variable) && error.contains(value), "{error}");
    }
    let options = files.options().with_environment([(PORT_VARIABLE, "x")]);
    assert!(Server::bind::<Shop>(options).await.is_ok());
}

#[tokio::test]
async fn one_of_several_components_is_named() {
    let more = "[component.other]\nsource = \"other.wasm\"\n";
    let files = Files::new(r#"["default"]"#, more);
    let error = refused(files.options()).await;
    assert!(error.contains("shop, other"), "{error}");
    let address = start(files.options().with_component("shop")).await;
    assert_eq!(ask(address, "/put/default").await.0, 200);
    let error = refused(files.options().with_component("third")).await;
    assert!(error.contains("third"), "{error}");
}

#[tokio::test]
async fn one_file_can_stand_for_all_labels() {
    let files = Files::new(r#"["default"]"#, "");
    let file = files.path("test.db");
    let address = start(files.options().with_file(&file)).await;
    assert_eq!(ask(address, "/put/default").await.0, 200);
    assert_eq!(ask(address, "/put/carts").await.0, 200);
    assert_eq!(counted(&file, "default").await, Some(1));
    assert_eq!(counted(&file, "carts").await, Some(1));
    assert!(!files.path(".spin").exists());
}
