//! What a handler takes to reach the app's stores.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::request::Parts;

use super::Stores;
use crate::{AppConfig, AppConfigError, ConfigError, ConfigHandle};
use crate::{KvError, KvHandle, SecretError, SecretHandle};

/// The app's key-value stores.
///
/// ```
/// use edgezero_store_traits::KvError;
/// use edgezero_store_traits::app::Kv;
///
/// async fn visit(kv: Kv) -> Result<String, KvError> {
///     let visits = kv.default().await?.increment("visits", 1).await?;
///     Ok(format!("visit {visits}"))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Kv(Stores);

impl Kv {
    /// The default store, opened if no request did before.
    ///
    /// # Errors
    /// The platform's error where it cannot be opened; [`KvError::Internal`] where
    /// `edgezero.toml` declares no key-value store.
    pub async fn default(&self) -> Result<KvHandle, KvError> {
        self.0.kv(None).await
    }

    /// The store of an id.
    ///
    /// # Errors
    /// As [`Kv::default`]; [`KvError::Internal`], which lists the declared ids, for
    /// one that is not.
    pub async fn named(&self, id: &str) -> Result<KvHandle, KvError> {
        self.0.kv(Some(id)).await
    }
}

/// The app's configuration stores.
#[derive(Clone, Debug)]
pub struct Config(Stores);

impl Config {
    /// The default store, opened if no request did before.
    ///
    /// # Errors
    /// As [`Kv::default`].
    pub async fn default(&self) -> Result<ConfigHandle, ConfigError> {
        self.0.config(None).await
    }

    /// The store of an id.
    ///
    /// # Errors
    /// As [`Kv::named`].
    pub async fn named(&self, id: &str) -> Result<ConfigHandle, ConfigError> {
        self.0.config(Some(id)).await
    }
}

/// The app's secret stores.
#[derive(Clone, Debug)]
pub struct Secrets(Stores);

impl Secrets {
    /// The default store.
    ///
    /// # Errors
    /// [`SecretError::Internal`] where `edgezero.toml` declares no secret store.
    pub fn default(&self) -> Result<SecretHandle, SecretError> {
        self.0.secrets(None)
    }

    /// The store of an id.
    ///
    /// # Errors
    /// As [`Secrets::default`]; [`SecretError::Internal`], which lists the declared
    /// ids, for one that is not.
    pub fn named(&self, id: &str) -> Result<SecretHandle, SecretError> {
        self.0.secrets(Some(id))
    }
}

/// The app's configuration as a struct, read for this request from the store that
/// [`AppConfig::STORE`] says, and with the secrets of the default store. A handler
/// that takes it does not run when it cannot be read.
///
/// ```
/// use edgezero_store_traits::AppConfig;
/// use edgezero_store_traits::app::Typed;
///
/// #[derive(AppConfig)]
/// struct Shop {
///     title: String,
/// }
///
/// async fn title(Typed(shop): Typed<Shop>) -> String {
///     shop.title
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Typed<T>(pub T);

macro_rules! extractors {
    ($($extractor:ident),*) => {$(
        impl<S: Sync> FromRequestParts<S> for $extractor {
            type Rejection = Response;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
                let stores = stores(parts).map_err(IntoResponse::into_response);
                stores.map($extractor)
            }
        }
    )*};
}

extractors!(Kv, Config, Secrets);

impl<T: AppConfig, S: Sync> FromRequestParts<S> for Typed<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let stores = stores(parts).map_err(IntoResponse::into_response)?;
        let loaded = load(&stores).await;
        loaded.map(Typed).map_err(IntoResponse::into_response)
    }
}

async fn load<T: AppConfig>(stores: &Stores) -> Result<T, AppConfigError> {
    let config = stores.config(T::STORE).await;
    let config = config.map_err(|source| AppConfigError::Config {
        store: T::STORE.map(|id| format!("{id:?}")),
        source,
    })?;
    T::load(&config, &stores.default_secrets()).await
}

/// Whoever runs the app put them there.
fn stores(parts: &Parts) -> Result<Stores, KvError> {
    let stores = parts.extensions.get::<Stores>();
    stores.cloned().ok_or_else(|| KvError::Internal {
        message: "the app was not started by run_app or serve: it has no stores".to_owned(),
        source: None,
    })
}
