//! A configuration store and a secret store in memory.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use edgezero_store_traits::bytes::Bytes;
use edgezero_store_traits::{
    AppConfig, AppConfigError, ConfigError, ConfigHandle, ConfigStore, SecretError, SecretHandle,
    SecretStore, async_trait,
};
use futures_util::FutureExt;

struct Texts {
    texts: HashMap<String, Vec<u8>>,
    calls: Arc<AtomicUsize>,
}

#[async_trait]
impl ConfigStore for Texts {
    async fn get(&self, key: &str) -> Result<Option<String>, ConfigError> {
        let text = self.texts.get(key).cloned();
        let text = text.map(String::from_utf8).transpose();
        text.map_err(|_| ConfigError::NotUtf8 {
            key: key.to_owned(),
        })
    }

    async fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<String>>, ConfigError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        keys.iter()
            .map(|key| self.get(key).now_or_never().unwrap())
            .collect()
    }
}

/// The secrets: `api_key` and `hook_a` to `hook_c`, whose values begin with `hunter2`.
struct Planted;

#[async_trait]
impl SecretStore for Planted {
    async fn get_bytes(&self, store: &str, key: &str) -> Result<Option<Bytes>, SecretError> {
        match key {
            "api_key" => Ok(Some(Bytes::from("hunter2"))),
            "hook_a" | "hook_b" | "hook_c" => Ok(Some(Bytes::from(format!("hunter2 of {key}")))),
            "in_store" => Ok(Some(Bytes::from(format!("hunter2 in {store}")))),
            "bytes" => Ok(Some(Bytes::from_static(b"hunter2\xff"))),
            "sealed" => Err(SecretError::Unavailable {
                message: "the vault is sealed".to_owned(),
                source: None,
            }),
            _ => Ok(None),
        }
    }
}

pub(crate) fn load<T: AppConfig>(texts: &[(&str, &str)]) -> Result<T, AppConfigError> {
    load_bytes(texts.iter().map(|(key, text)| (*key, text.as_bytes()))).0
}

pub(crate) fn load_bytes<'a, T: AppConfig>(
    texts: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> (Result<T, AppConfigError>, usize) {
    let calls = Arc::new(AtomicUsize::new(0));
    let store = Texts {
        texts: texts
            .map(|(key, text)| (key.to_owned(), text.to_vec()))
            .collect(),
        calls: calls.clone(),
    };
    let config = ConfigHandle::new(Arc::new(store)).with_name("\"settings\" (label \"prod\")");
    let secrets = SecretHandle::new(Arc::new(Planted), "default");
    let loaded = T::load(&config, &secrets).now_or_never().unwrap();
    (loaded, calls.load(Ordering::Relaxed))
}

/// What is wrong with these texts when they are loaded.
pub(crate) fn problems<T: AppConfig>(texts: &[(&str, &str)]) -> Vec<String> {
    match load::<T>(texts) {
        Err(AppConfigError::Invalid { problems, .. }) => {
            problems.iter().map(ToString::to_string).collect()
        }
        Err(other) => panic!("{other}"),
        Ok(_) => Vec::new(),
    }
}

/// What is wrong with these texts before they are pushed.
pub(crate) fn check<T: AppConfig>(texts: &[(&str, &str)]) -> Vec<String> {
    let problems = T::check(&owned(texts)).into_iter();
    problems.map(|problem| problem.to_string()).collect()
}

pub(crate) fn owned(texts: &[(&str, &str)]) -> Vec<(String, String)> {
    let pairs = texts.iter();
    pairs.map(|(k, v)| ((*k).into(), (*v).into())).collect()
}

/// The keys that a struct is read from.
pub(crate) fn keys<T: AppConfig>() -> Vec<String> {
    T::fields().into_iter().map(|field| field.key).collect()
}
