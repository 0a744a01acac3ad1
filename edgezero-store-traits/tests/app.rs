//! An app's stores, as its handlers and its operators see them.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use bytes::Bytes;
use edgezero_store_traits::app::{
    Config, ErrorReport, Kv, Metadata, OpenStores, Secrets, StoreIds, Stores, Typed,
};
use edgezero_store_traits::kv::PageSelector;
use edgezero_store_traits::{
    AppConfig, AppError, ConfigError, ConfigStore, KvCapabilities, KvError, KvPage, KvStore, Label,
    SecretError, SecretHandle, SecretStore, text_from_kv,
};
use futures_util::FutureExt;
use tower_service::Service;

/// Stores in memory, whose opening is counted and can fail.
#[derive(Clone, Default)]
struct Platform {
    values: Arc<Mutex<HashMap<String, Bytes>>>,
    opened: Arc<AtomicUsize>,
    broken: Option<&'static str>,
}

#[async_trait]
impl KvStore for Platform {
    async fn get_bytes(&self, key: &str) -> Result<Option<Bytes>, KvError> {
        Ok(self.values.lock().unwrap().get(key).cloned())
    }

    async fn put_bytes(&self, key: &str, value: Bytes) -> Result<(), KvError> {
        self.values.lock().unwrap().insert(key.to_owned(), value);
        Ok(())
    }

    async fn put_bytes_with_ttl(&self, _: &str, _: Bytes, _: Duration) -> Result<(), KvError> {
        Err(KvError::Unsupported {
            operation: "put_bytes_with_ttl",
        })
    }

    async fn delete(&self, _: &str) -> Result<(), KvError> {
        Ok(())
    }

    async fn exists(&self, key: &str) -> Result<bool, KvError> {
        Ok(self.values.lock().unwrap().contains_key(key))
    }

    async fn list_keys_page(
        &self,
        prefix: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<KvPage, KvError> {
        let mut page = PageSelector::new(prefix, cursor, limit, NonZeroU32::new(1))?;
        for key in self.values.lock().unwrap().keys() {
            page.offer(key.clone())?;
        }
        Ok(page.finish())
    }

    fn capabilities(&self) -> KvCapabilities {
        KvCapabilities::new()
    }
}

#[async_trait]
impl ConfigStore for Platform {
    async fn get(&self, key: &str) -> Result<Option<String>, ConfigError> {
        text_from_kv(self, key).await
    }
}

#[async_trait]
impl SecretStore for Platform {
    async fn get_bytes(&self, _: &str, key: &str) -> Result<Option<Bytes>, SecretError> {
        Ok((key == "token").then(|| Bytes::from("hunter2")))
    }
}

impl Platform {
    fn open(&self, label: &Label) -> Result<Arc<Self>, KvError> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        if self.broken == Some(label.as_str()) {
            return Err(KvError::Unavailable {
                message: format!("cannot open the store {label}: look in spin.toml"),
                source: None,
            });
        }
        Ok(Arc::new(self.clone()))
    }
}

#[async_trait]
impl OpenStores for Platform {
    async fn kv(&self, label: &Label, _: u32) -> Result<Arc<dyn KvStore>, KvError> {
        Ok(self.open(label)?)
    }

    async fn config(&self, label: &Label) -> Result<Arc<dyn ConfigStore>, ConfigError> {
        Ok(self.open(label)?)
    }

    fn secrets(&self) -> Arc<dyn SecretStore> {
        Arc::new(self.clone())
    }
}

const METADATA: Metadata = Metadata {
    name: "test",
    kv: Some(StoreIds::new(&["sessions", "cache"], "sessions")),
    config: Some(StoreIds::new(&["app_config"], "app_config")),
    secrets: None,
};

#[derive(AppConfig)]
struct Settings {
    title: String,
    service: Service_,
    #[secret]
    token: Option<String>,
}

#[derive(AppConfig)]
struct Service_ {
    timeout_ms: u32,
}

fn router() -> Router {
    Router::new()
        .route("/plain", get(|| async { "plain" }))
        .route("/get/{key}", get(get_key))
        .route(
            "/cache",
            get(|kv: Kv| async move { kv.named("cache").await.map(drop) }),
        )
        .route(
            "/other",
            get(|kv: Kv| async move { kv.named("other").await.map(drop) }),
        )
        .route(
            "/secret",
            get(|secrets: Secrets| async move { secrets.default().map(drop) }),
        )
        .route("/list", get(list))
        .route("/any/{which}", get(any))
        .route("/config", get(config))
        .route("/typed", get(typed))
}

async fn get_key(
    kv: Kv,
    axum::extract::Path(key): axum::extract::Path<String>,
) -> Result<String, KvError> {
    let text: String = kv.default().await?.require(&key).await?;
    Ok(text)
}

async fn list(kv: Kv) -> Result<String, KvError> {
    let page = kv.default().await?.list_keys_page("", None, 10).await?;
    Ok(page.keys.concat())
}

/// Fails in one of the ways in which a handler can.
async fn any(
    kv: Kv,
    config: Config,
    axum::extract::Path(which): axum::extract::Path<String>,
) -> Result<String, AppError> {
    let secrets = SecretHandle::new(Arc::new(Platform::default()), "default");
    match which.as_str() {
        "kv" => drop(kv.default().await?.require::<u32>("planted").await?),
        "config" => drop(config.default().await?.require("planted").await?),
        "secret" => drop(secrets.require("planted").await?),
        "typed" => drop(Settings::load(&config.default().await?, &secrets).await?),
        _ => {
            let status = StatusCode::TOO_MANY_REQUESTS;
            return Err(AppError::new(status, "planted came too often"));
        }
    }
    Ok("done".to_owned())
}

async fn config(config: Config) -> Result<String, ConfigError> {
    config.default().await?.require("title").await
}

async fn typed(Typed(settings): Typed<Settings>) -> String {
    let token = settings.token.is_some();
    format!("{} {} {token}", settings.title, settings.service.timeout_ms)
}

fn app(platform: &Platform) -> Router {
    let stores = Stores::new(METADATA, |_| None, platform.clone()).unwrap();
    router().layer(Extension(stores))
}

/// An answer's status, body, and what it left for the log.
async fn ask(router: &mut Router, path: &str) -> (StatusCode, String, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response: Response = router.call(request).await.unwrap();
    let status = response.status();
    let report = response.extensions().get::<ErrorReport>();
    let report = report.map_or_else(String::new, |report| report.0.clone());
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await;
    let body = String::from_utf8(body.unwrap().into()).unwrap();
    (status, body, report)
}

fn run<F: Future>(future: F) -> F::Output {
    future.now_or_never().unwrap()
}

#[test]
fn a_store_is_opened_when_it_is_first_used_and_kept() {
    run(async {
        let platform = Platform::default();
        let mut app = app(&platform);
        let opened = || platform.opened.load(Ordering::Relaxed);
        ask(&mut app, "/plain").await;
        assert_eq!(opened(), 0);
        for _ in 0..3 {
            ask(&mut app, "/get/a").await;
        }
        assert_eq!(opened(), 1);
        ask(&mut app, "/cache").await;
        assert_eq!(opened(), 2);
    });
}

#[test]
fn a_store_that_cannot_be_opened_fails_its_own_requests_only_and_is_tried_again() {
    run(async {
        let platform = Platform {
            broken: Some("cache"),
            ..Platform::default()
        };
        let mut app = app(&platform);
        for tries in 1..=2 {
            let (status, body, report) = ask(&mut app, "/cache").await;
            assert_eq!(status, 503);
            assert!(report.contains("spin.toml"), "{report}");
            assert!(!body.contains("spin.toml"), "{body}");
            assert_eq!(platform.opened.load(Ordering::Relaxed), tries);
        }
        assert_eq!(ask(&mut app, "/plain").await.0, 200);
        assert_eq!(ask(&mut app, "/get/a").await.0, 404);
    });
}

#[test]
fn a_listing_over_the_cap_says_what_to_set_for_that_store() {
    run(async {
        let platform = Platform::default();
        for key in ["a", "b"] {
            platform.put_bytes(key, Bytes::new()).await.unwrap();
        }
        let (status, body, report) = ask(&mut app(&platform), "/list").await;
        assert_eq!(status, 503);
        for part in [
            "max_list_keys is 1",
            "`max_list_keys.sessions` of [stores.kv] in edgezero.toml",
            "EDGEZERO__STORES__KV__SESSIONS__MAX_LIST_KEYS",
        ] {
            assert!(report.contains(part), "no {part} in: {report}");
        }
        assert!(!body.contains("sessions"), "{body}");
    });
}

#[test]
fn one_error_of_a_handler_takes_each_of_ours_and_the_apps_own() {
    run(async {
        let mut app = app(&Platform::default());
        for (which, expected, code, said) in [
            ("kv", 404, "not_found", "no value is stored"),
            ("config", 404, "not_found", "planted"),
            ("secret", 404, "not_found", "planted"),
            ("typed", 500, "invalid_config", "title: missing"),
            ("own", 429, "app", "planted came too often"),
        ] {
            let (status, body, report) = ask(&mut app, &format!("/any/{which}")).await;
            assert_eq!(status, expected, "{which}");
            let problem: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!(problem["code"], code, "{which}");
            assert!(report.contains(said), "{which}: {report}");
            assert!(!body.contains("planted"), "{which}: {body}");
        }
    });
}

#[test]
fn an_undeclared_id_is_a_500_whose_report_lists_the_declared_ones() {
    run(async {
        let mut app = app(&Platform::default());
        let (status, body, report) = ask(&mut app, "/other").await;
        assert_eq!(status, 500);
        for part in ["\"other\"", "sessions, cache", "edgezero.toml"] {
            assert!(report.contains(part), "no {part} in: {report}");
        }
        assert!(!body.contains("sessions"), "{body}");
        let (status, _, report) = ask(&mut app, "/secret").await;
        assert_eq!(status, 500);
        assert!(report.contains("declares none"), "{report}");
    });
}

#[test]
fn a_problem_body_tells_nothing_of_keys_and_values() {
    run(async {
        let platform = Platform::default();
        platform
            .put_bytes("planted-key", Bytes::from("\"hunter2"))
            .await
            .unwrap();
        let mut app = app(&platform);
        for (path, expected, code) in [
            ("/get/nobody", 404, "not_found"),
            ("/get/planted-key", 500, "serialization"),
            ("/get/planted%00key", 400, "validation"),
        ] {
            let (status, body, report) = ask(&mut app, path).await;
            assert_eq!(status, expected, "{path}");
            let problem: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!(problem["status"], expected);
            assert_eq!(problem["code"], code);
            assert_eq!(problem["type"], "about:blank");
            assert!(problem["title"].is_string());
            for part in ["planted", "nobody", "hunter2"] {
                assert!(!body.contains(part), "{part} is in: {body}");
            }
            assert!(
                !report.is_empty() && !report.contains("hunter2"),
                "{report}"
            );
        }
    });
}

#[test]
fn the_configuration_is_read_as_a_struct_with_all_its_problems_at_once() {
    run(async {
        let platform = Platform::default();
        let mut app = app(&platform);
        let (status, body, report) = ask(&mut app, "/typed").await;
        assert_eq!(status, 500);
        assert!(report.contains("title: missing"), "{report}");
        assert!(report.contains("service.timeout_ms: missing"), "{report}");
        assert!(!body.contains("timeout_ms"), "{body}");
        for (key, value) in [
            ("title", "Hi"),
            ("service.timeout_ms", "7"),
            ("token", "TOKEN"),
        ] {
            platform.put_bytes(key, Bytes::from(value)).await.unwrap();
        }
        let (status, body, _) = ask(&mut app, "/typed").await;
        assert_eq!((status, body.as_str()), (StatusCode::OK, "Hi 7 true"));
        assert_eq!(ask(&mut app, "/config").await.1, "Hi");
    });
}

#[derive(AppConfig)]
#[app_config(store = "app_config")]
struct Title {
    title: String,
}

#[derive(AppConfig)]
#[app_config(store = "flags")]
struct Flags {
    new_checkout: bool,
}

#[test]
fn a_struct_is_read_from_the_store_that_it_names() {
    run(async {
        let platform = Platform::default();
        let value = Bytes::from("Hi");
        platform.put_bytes("title", value).await.unwrap();
        let stores = Stores::new(METADATA, |_| None, platform).unwrap();
        let mut app = Router::new()
            .route("/title", get(async |Typed(own): Typed<Title>| own.title))
            .route(
                "/flags",
                get(async |Typed(flags): Typed<Flags>| flags.new_checkout.to_string()),
            )
            .layer(Extension(stores));
        assert_eq!(ask(&mut app, "/title").await.1, "Hi");
        let (status, _, report) = ask(&mut app, "/flags").await;
        assert_eq!(status, 500);
        for part in ["\"flags\"", "does not declare", "app_config"] {
            assert!(report.contains(part), "no {part} in: {report}");
        }
    });
}

#[test]
fn a_router_that_nobody_gave_its_stores_says_so() {
    run(async {
        let (status, _, report) = ask(&mut router(), "/cache").await;
        assert_eq!(status, 500);
        assert!(report.contains("run_app"), "{report}");
    });
}
