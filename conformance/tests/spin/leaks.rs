//! A value never leaves the adapter in an error, whatever Spin's host says of it.
//!
//! The host's text can hold the value that was written: as text, escaped, in base64 or
//! hex. The test plants one, has each call of the host fail with such texts on each
//! platform, and looks for it in the answer and in the log.

use std::collections::BTreeMap;

use edgezero_spin_host::{SpinHost, When};
use http::StatusCode;
use serde_json::json;

use crate::support::call;
use crate::support::embedded::Embedded;
use crate::support::leak::{self, PLANTED};

/// What Spin says, with `{}` for what it quotes.
const TEXTS: [&str; 8] = [
    "SqliteFailure(Error { code: DatabaseBusy, extended_code: 5 }, Some(\"{}\"))",
    "SqliteFailure(Error { code: ConstraintViolation, extended_code: 19 }, Some(\"{}\"))",
    "InvalidColumnType(0, \"{}\", Text)",
    "An error was signalled by the server - ResponseError: unknown command {}",
    "Response was of incompatible type - TypeError: \"{}\" (response was bulk-string('{}'))",
    "ServiceError(ServiceError { source: TransactionCanceledException(\
     TransactionCanceledException { message: Some(\"{}\") }) })",
    "ServiceError(ServiceError { source: Unhandled(Unhandled { source: ErrorMetadata { code: \
     Some(\"ValidationException\"), message: Some(\"{}\") } }), raw: Response { body: {} } })",
    "{}",
];

/// Operations of the guest, and what each is sent.
fn operations() -> Vec<(&'static str, String)> {
    let pairs = |count: usize| {
        let pairs = (0..count).map(|n| (format!("k{n}"), PLANTED));
        json!(pairs.collect::<BTreeMap<_, _>>()).to_string()
    };
    let keys = |count: usize| {
        let keys = (0..count).map(|n| format!("k{n}"));
        json!(keys.collect::<Vec<_>>()).to_string()
    };
    let value = || PLANTED.to_owned();
    vec![
        ("/kv/put", value()),
        ("/kv/get", value()),
        ("/kv/exists", value()),
        ("/kv/page", value()),
        ("/kv/increment", value()),
        ("/kv/counter", value()),
        ("/kv/update", value()),
        ("/kv/claim", value()),
        ("/kv/put-many", pairs(3)),
        ("/kv/put-many", pairs(60)),
        ("/kv/get-many", keys(3)),
        ("/kv/delete-many", keys(60)),
        ("/kv/delete", value()),
        ("/config", value()),
        ("/config/many", keys(2)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_failure_of_a_call_of_the_host_shows_a_value_on_any_platform() {
    let forms = leak::forms();
    for platform in [
        Embedded::Sqlite,
        Embedded::Stream,
        Embedded::Redis,
        Embedded::Dynamo,
        Embedded::Cosmos,
    ] {
        let (host, _kept) = platform.host().unwrap();
        // A new instance each time, so that each has to find out what it has to know.
        let host = host.requests_per_instance(1).build().unwrap();
        let mut failures = 0;
        for (number, (path, body)) in operations().into_iter().enumerate() {
            // Each call of the operation in turn, until there is none.
            for nth in 1.. {
                let when = if nth % 2 == 0 {
                    When::Before
                } else {
                    When::After
                };
                let text = TEXTS[(number + usize::try_from(nth).unwrap()) % TEXTS.len()];
                let quoted = forms.join(" ");
                let before = host.calls().total();
                host.calls()
                    .fail_at(nth, when, &text.replace("{}", &quoted));
                failures += u32::from(ask(&host, platform, path, &body).await);
                if host.calls().total() - before < nth {
                    break;
                }
            }
        }
        leak::is_not_in(platform.name(), host.stderr().as_bytes());
        assert!(failures > 10, "{platform:?}: only {failures} failures");
    }
}

/// Whether it failed.
async fn ask(host: &SpinHost, platform: Embedded, path: &str, body: &str) -> bool {
    let query = [("label", "default"), ("key", "the-key")];
    let answer = call(host, path, &query, body.to_owned()).await;
    let failed = !matches!(answer.status(), StatusCode::OK | StatusCode::NOT_FOUND);
    if failed {
        leak::is_not_in_response(&format!("{platform:?} {path}"), &answer);
    }
    failed
}

/// What each platform says by itself of a value that it does not take.
#[tokio::test(flavor = "multi_thread")]
async fn no_platform_shows_the_value_that_it_refuses() {
    let large = PLANTED.repeat(2_000_000 / PLANTED.len());
    for platform in [Embedded::Dynamo, Embedded::Cosmos] {
        let (host, _kept) = platform.host().unwrap();
        let host = host.build().unwrap();
        let pairs = json!({ "a": PLANTED, "large": large }).to_string();
        for (path, body, status) in [
            ("/kv/put", large.clone(), 400),
            ("/kv/claim", large.clone(), 400),
            ("/kv/put-many", pairs, 400),
            ("/kv/put", PLANTED.to_owned(), 200),
            ("/kv/increment", String::new(), 500),
            ("/kv/counter", String::new(), 500),
            ("/kv/update", String::new(), 500),
        ] {
            let query = [("label", "default"), ("key", "the-key")];
            let answer = call(&host, path, &query, body).await;
            assert_eq!(answer.status(), status, "{platform:?} {path}");
            leak::is_not_in_response(&format!("{platform:?} {path}"), &answer);
        }
        leak::is_not_in(platform.name(), host.stderr().as_bytes());
    }
}

/// The other writer that replaces a counter in the moment before the increment makes
/// Spin's host panic. Then the value is in no answer either.
#[tokio::test(flavor = "multi_thread")]
async fn a_poisoned_store_shows_no_value() {
    let (host, _kept) = Embedded::Sqlite.host().unwrap();
    let host = host.build().unwrap();
    let script = json!([
        { "do": "open-bucket", "label": "default" },
        { "do": "set-many", "pairs": [["the-key", PLANTED]] },
        { "do": "increment", "key": "the-key", "delta": 1 },
    ]);
    let request = http::Request::post("/bare").body(script.to_string().into());
    let panicked = host.handle(request.unwrap()).await.unwrap_err();
    leak::is_not_in("the panic", panicked.to_string().as_bytes());
    for path in ["/kv/get", "/kv/put", "/kv/increment"] {
        let request = http::Request::post(format!("{path}?label=default&key=the-key"));
        match host.handle(request.body(PLANTED.into()).unwrap()).await {
            Ok(answer) => leak::is_not_in_response(path, &answer),
            Err(error) => leak::is_not_in(path, error.to_string().as_bytes()),
        }
    }
    leak::is_not_in("stderr", host.stderr().as_bytes());
}
