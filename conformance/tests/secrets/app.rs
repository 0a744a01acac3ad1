//! An app that meets every error with a secret at hand, or with one in a wrong place.

use edgezero_store_traits::app::axum::Router;
use edgezero_store_traits::app::axum::routing::get;
use edgezero_store_traits::app::{App, Config, Kv, Metadata, Secrets, StoreIds, Typed};
use edgezero_store_traits::{AppConfig, ConfigError, KvError, SecretError};
use secrecy::{ExposeSecret, SecretString};

pub(crate) struct Planted;

const fn only(ids: &'static [&'static str]) -> Option<StoreIds> {
    Some(StoreIds::new(ids, ids[0]))
}

impl App for Planted {
    const METADATA: Metadata = Metadata {
        name: "planted",
        kv: only(&["notes"]),
        config: only(&["app_config"]),
        secrets: only(&["default"]),
    };

    fn router() -> Router {
        Router::new()
            .route("/exposed", get(exposed))
            .route("/debug", get(debug))
            .route("/panic", get(panics))
            .route("/unwrap", get(unwraps))
            .route("/undefined", get(undefined))
            .route("/no-name", get(no_name))
            .route("/no-text", get(no_text))
            .route("/json", get(json))
            .route("/counter", get(counter))
            .route("/undeclared", get(undeclared))
            .route("/config", get(config))
            .route("/wrong-types", get(async |_: Typed<WrongTypes>| "read"))
            .route("/wrong-name", get(async |_: Typed<WrongName>| "read"))
            .route("/no-such-name", get(async |_: Typed<NoSuchName>| "read"))
            .route("/settings", get(settings))
    }
}

/// Each has the planted value configured.
#[derive(AppConfig)]
#[allow(dead_code, reason = "never read")]
struct WrongTypes {
    number: u32,
    truth: bool,
    letter: char,
    list: Vec<String>,
    part: Option<f64>,
    #[config(json)]
    rule: std::net::IpAddr,
}

#[derive(AppConfig)]
#[allow(dead_code, reason = "never read")]
struct WrongName {
    #[secret]
    wrong_name: String,
}

#[derive(AppConfig)]
#[allow(dead_code, reason = "never read")]
struct NoSuchName {
    #[secret]
    no_such_name: String,
}

#[derive(AppConfig)]
struct Settings {
    #[secret]
    signing_key: String,
}

async fn secret(secrets: &Secrets) -> Result<SecretString, SecretError> {
    secrets.default()?.require("signing_key").await
}

/// What the others must not do: so that the search is known to find it.
async fn exposed(secrets: Secrets) -> Result<String, SecretError> {
    Ok(secret(&secrets).await?.expose_secret().to_owned())
}

async fn debug(secrets: Secrets, kv: Kv, config: Config) -> Result<String, SecretError> {
    let handle = secrets.default()?;
    let text = secret(&secrets).await;
    let bytes = handle.get_bytes("signing_key").await;
    let no_text = handle.get("no_text").await;
    Ok(format!(
        "{secrets:?} {kv:?} {config:?} {handle:?} {text:?} {bytes:?} {no_text:?}"
    ))
}

async fn panics(secrets: Secrets) -> Result<String, SecretError> {
    let secret = secret(&secrets).await?;
    panic!("a handler broke with {secret:?}");
}

async fn unwraps(secrets: Secrets) -> Result<String, SecretError> {
    let secret = secret(&secrets).await?;
    Ok(failed(secret).unwrap())
}

/// An error that holds a secret.
fn failed(secret: SecretString) -> Result<String, SecretString> {
    Err(secret)
}

async fn undefined(secrets: Secrets) -> Result<&'static str, SecretError> {
    secrets.default()?.require("undefined").await?;
    Ok("there")
}

async fn no_name(secrets: Secrets) -> Result<&'static str, SecretError> {
    secrets.default()?.require("no name").await?;
    Ok("there")
}

async fn no_text(secrets: Secrets) -> Result<&'static str, SecretError> {
    secrets.default()?.require("no_text").await?;
    Ok("there")
}

async fn json(kv: Kv) -> Result<&'static str, KvError> {
    kv.default().await?.get::<u32>("planted").await?;
    Ok("read")
}

async fn counter(kv: Kv) -> Result<&'static str, KvError> {
    kv.default().await?.increment("planted", 1).await?;
    Ok("counted")
}

async fn undeclared(kv: Kv) -> Result<&'static str, KvError> {
    kv.named("undeclared").await?;
    Ok("opened")
}

async fn config(config: Config) -> Result<&'static str, ConfigError> {
    config.default().await?.require("no_text").await?;
    Ok("read")
}

async fn settings(Typed(settings): Typed<Settings>) -> String {
    format!("{} bytes", settings.signing_key.len())
}
