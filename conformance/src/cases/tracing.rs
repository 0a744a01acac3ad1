//! What handles tell of their calls.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use edgezero_store_traits::{BoxError, ConfigHandle, KvHandle, SecretHandle};
use tracing::field::{Field, Visit};
use tracing::instrument::WithSubscriber;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::kv::{fill, open_with_cap};
use crate::case::{CaseResult, Stop, cases, check, check_eq};
use crate::fixture::{DynFixture, LABEL, SECRET_STORE_ID, SECRETS};

cases! {
    "TRACE-1" => every_backend_call_is_one_event_with_its_lengths;
    "TRACE-1" => the_event_of_a_call_that_fails_has_the_errors_kind;
    "TRACE-1", "SECRET-5" => no_event_holds_a_key_a_value_or_a_secret;
}

async fn every_backend_call_is_one_event_with_its_lengths(fixture: &DynFixture) -> CaseResult {
    come_to_the_places(fixture).await?;
    let recorder = Recorder::default();
    let calls = async {
        let kv = KvHandle::new(fixture.kv(LABEL).await?);
        kv.put_bytes("key", "12345").await?;
        kv.get_bytes("key").await?;
        kv.get_bytes("missing").await?;
        kv.exists("key").await?;
        kv.list_keys_page("k", None, 10).await?;
        kv.delete("key").await?;
        // Refused before the backend: no event.
        let _ = kv.get_bytes("").await;
        let config = ConfigHandle::new(fixture.config(&[("a.b", b"xyz")]).await?);
        config.get("a.b").await?;
        let secrets = SecretHandle::new(fixture.secrets().await?, SECRET_STORE_ID);
        secrets.get(SECRETS[0].0).await?;
        Ok::<_, Stop>(())
    };
    calls.with_subscriber(recorder.clone()).await?;

    let name_length = SECRETS[0].0.len().to_string();
    let expected = [
        ("kv", "put_bytes", "3", Some("5"), None),
        ("kv", "get_bytes", "3", Some("5"), None),
        ("kv", "get_bytes", "7", None, None),
        ("kv", "exists", "3", None, None),
        ("kv", "list_keys_page", "1", None, Some("1")),
        ("kv", "delete", "3", None, None),
        ("config", "get", "3", Some("3"), None),
        ("secret", "get_bytes", name_length.as_str(), None, None),
    ];
    let events = recorder.events();
    check_eq!(events.len(), expected.len(), "the number of events");
    for (event, (store, operation, key_len, value_len, keys)) in events.iter().zip(expected) {
        let field = |name: &str| event.get(name).map(String::as_str);
        check_eq!(field("store"), Some(store), "the store of {operation}");
        check_eq!(field("operation"), Some(operation), "the operation");
        check_eq!(field("outcome"), Some("ok"), "the outcome of {operation}");
        check_eq!(field("key_len"), Some(key_len), "key_len of {operation}");
        check_eq!(field("value_len"), value_len, "value_len of {operation}");
        check_eq!(field("keys"), keys, "keys of {operation}");
        let elapsed = field("elapsed_us").and_then(|text| text.parse::<u64>().ok());
        check!(elapsed.is_some(), "elapsed_us of {operation} is no number");
    }
    Ok(())
}

async fn the_event_of_a_call_that_fails_has_the_errors_kind(fixture: &DynFixture) -> CaseResult {
    come_to_the_places(fixture).await?;
    let recorder = Recorder::default();
    let calls = async {
        let mut expected = Vec::new();
        let kv = KvHandle::new(fixture.kv(LABEL).await?);
        let put = kv.put_bytes_with_ttl("key", "12345", Duration::from_secs(60));
        match put.await {
            Ok(()) => expected.push("ok"),
            Err(_) => expected.push("unsupported"),
        }
        if kv.capabilities().max_list_keys.is_some() {
            let kv = open_with_cap(fixture, 1).await?;
            fill(&kv, ["a", "b"]).await?;
            expected.extend(["ok", "ok", "limit_exceeded"]);
            check!(kv.list_keys_page("", None, 1).await.is_err(), "no error");
        }
        let values: &[(&str, &[u8])] = &[("bad", b"\xff")];
        let config = ConfigHandle::new(fixture.config(values).await?);
        check!(config.get("bad").await.is_err(), "no error");
        expected.push("not_utf8");
        Ok::<_, Stop>(expected)
    };
    let expected = calls.with_subscriber(recorder.clone()).await?;
    let events = recorder.events();
    let outcomes = events
        .iter()
        .map(|event| event.get("outcome").map_or("none", String::as_str));
    check_eq!(outcomes.collect::<Vec<_>>(), expected, "the outcomes");
    Ok(())
}

async fn no_event_holds_a_key_a_value_or_a_secret(fixture: &DynFixture) -> CaseResult {
    const KEY: &str = "planted-key";
    const VALUE: &str = "planted-value";
    come_to_the_places(fixture).await?;
    let recorder = Recorder {
        everything: true,
        ..Recorder::default()
    };
    let calls = async {
        let kv = KvHandle::new(fixture.kv(LABEL).await?);
        kv.put_bytes(KEY, VALUE).await?;
        kv.put(KEY, VALUE).await?;
        kv.get::<String>(KEY).await?;
        // Calls that fail tell no more than calls that work.
        let _ = kv.get::<u32>(KEY).await;
        let _ = kv
            .put_bytes_with_ttl(KEY, VALUE, Duration::from_secs(60))
            .await;
        kv.exists(KEY).await?;
        kv.list_keys_page(KEY, None, 10).await?;
        kv.delete(KEY).await?;
        let values: &[(&str, &[u8])] = &[(KEY, VALUE.as_bytes()), ("bad", b"planted-value\xff")];
        let config = ConfigHandle::new(fixture.config(values).await?);
        config.get(KEY).await?;
        let _ = config.get("bad").await;
        let secrets = SecretHandle::new(fixture.secrets().await?, SECRET_STORE_ID);
        for (name, _) in SECRETS {
            secrets.get(name).await?;
            secrets.get_bytes(name).await?;
        }
        Ok::<_, Stop>(())
    };
    calls.with_subscriber(recorder.clone()).await?;

    let events = recorder.events();
    check!(events.len() > 10, "only {} events", events.len());
    for event in events {
        let text = format!("{event:?}");
        check!(!text.contains("planted"), "a key or a value is in {text}");
        for (name, value) in SECRETS {
            check!(
                !text.contains(value) && !text.contains(name),
                "{name} is in an event"
            );
        }
        let secret = event.get("store").is_some_and(|store| store == "secret");
        check!(
            !secret || !event.contains_key("value_len"),
            "a secret's length is in {text}"
        );
    }
    Ok(())
}

/// While there is one subscriber, tracing asks whichever thread comes first to the
/// place of an event whether anybody listens, and keeps the answer until there is
/// another subscriber. Other cases run in other threads, where nobody listens; so
/// the places are come to before the subscriber that counts.
async fn come_to_the_places(fixture: &DynFixture) -> Result<(), BoxError> {
    let kv = KvHandle::new(fixture.kv(LABEL).await?);
    let call = kv.exists("key").with_subscriber(Recorder::default());
    call.await?;
    Ok(())
}

type Fields = BTreeMap<&'static str, String>;

/// Keeps the stores' events, or every event and span of any target and level.
#[derive(Clone, Default)]
struct Recorder {
    everything: bool,
    events: Arc<Mutex<Vec<Fields>>>,
}

impl Recorder {
    fn events(&self) -> Vec<Fields> {
        self.events
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn keep(&self, record: impl FnOnce(&mut Text)) {
        let mut fields = Text::default();
        record(&mut fields);
        self.events
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(fields.0);
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let stores = metadata.target() == "edgezero_store" && *metadata.level() == Level::DEBUG;
        self.everything || stores
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.keep(|fields| span.record(fields));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.keep(|fields| values.record(fields));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.keep(|fields| event.record(fields));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// An event's fields as text.
#[derive(Default)]
struct Text(Fields);

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}
