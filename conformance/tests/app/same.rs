//! The same requests, and the same answers.

use bytes::Bytes;
use edgezero_store_traits::KvStore;

use crate::target::{SECRET, Target, configure, folder, spin, store};

/// Method, path, body, and the status expected.
type Step = (&'static str, &'static str, &'static str, u16);

const STEPS: &[Step] = &[
    ("GET", "/hello", "", 200),
    ("GET", "/nowhere", "", 404),
    ("POST", "/hello", "", 405),
    ("GET", "/visits", "", 200),
    ("POST", "/visits", "", 200),
    ("POST", "/visits", "", 200),
    ("POST", "/click", "", 303),
    ("GET", "/visits", "", 200),
    ("GET", "/notes/a", "", 404),
    ("PUT", "/notes/a", "first", 204),
    ("PUT", "/notes/a", "second", 204),
    ("GET", "/notes/a", "", 200),
    ("PUT", "/notes/b", "", 204),
    ("GET", "/notes/b", "", 200),
    ("PUT", "/notes/%D0%BA%D0%BB%D1%8E%D1%87%20%3Cb%3E", "x", 204),
    ("POST", "/notes", "key=c%26d&text=t", 303),
    ("GET", "/notes?limit=2", "", 200),
    ("GET", "/notes?prefix=c", "", 200),
    ("GET", "/notes?limit=0", "", 400),
    ("GET", "/notes?limit=many", "", 400),
    ("GET", "/notes?cursor=made-up", "", 400),
    ("PUT", "/notes/a%00b", "x", 400),
    ("GET", "/notes/..%2e", "", 404),
    ("PUT", "/notes/a/for-a-minute", "x", 501),
    ("GET", "/notes/a", "", 200),
    ("DELETE", "/notes/a", "", 204),
    ("DELETE", "/notes/a", "", 204),
    ("GET", "/notes/a", "", 404),
    ("GET", "/", "", 200),
    ("GET", "/?cursor=made-up", "", 400),
    ("GET", "/about", "", 200),
    ("POST", "/echo", "as it came in", 200),
];

type Answer = (u16, Option<String>, String);

async fn run(target: &Target) -> Vec<Answer> {
    let mut answers = Vec::new();
    for (method, path, body, status) in STEPS {
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let answer = target.ask(method, path, &form, *body).await;
        let text = String::from_utf8(answer.body().to_vec()).unwrap();
        assert_eq!(answer.status(), *status, "{method} {path}: {text}");
        let kind = answer.headers().get("content-type");
        let kind = kind.map(|kind| kind.to_str().unwrap().to_owned());
        answers.push((answer.status().as_u16(), kind, text));
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn the_app_answers_alike_in_spin_and_on_the_host() {
    let settings = [
        ("greeting", "Grüße & <b>"),
        ("page.notes", "2"),
        ("signing_key", "SIGNING_KEY"),
    ];
    let (in_spin, on_host) = (folder(), folder());
    for folder in [&in_spin, &on_host] {
        configure(folder, &settings).await;
    }
    let spin = Target::Spin(Box::new(spin(&in_spin).build().unwrap()));
    let host = Target::host(&on_host).await;
    let answers = run(&spin).await;
    for (step, (a, b)) in STEPS.iter().zip(answers.iter().zip(run(&host).await)) {
        assert_eq!(*a, b, "{step:?}");
    }

    let body = |method: &str, path: &str| -> &str {
        let at = STEPS
            .iter()
            .rposition(|step| (step.0, step.1) == (method, path));
        &answers[at.unwrap()].2
    };
    assert_eq!(body("GET", "/visits"), "3");
    let page = body("GET", "/");
    assert!(page.contains("Grüße &amp; &lt;b&gt;"), "{page}");
    assert!(page.contains("<li>b</li><li>c&amp;d</li>"), "{page}");
    assert!(page.contains("id=\"more\""), "{page}");
    assert!(body("GET", "/about").contains("Signing key: there"));
    for (_, _, text) in &answers {
        assert!(!text.contains(SECRET), "the secret is in: {text}");
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_over_the_cap_is_a_503_on_both() {
    let (in_spin, on_host) = (folder(), folder());
    for folder in [&in_spin, &on_host] {
        let pairs = (0..1001).map(|n| (format!("{n:04}"), Bytes::from("x")));
        store(folder, "notes")
            .put_many(pairs.collect())
            .await
            .unwrap();
    }
    let spin = Target::Spin(Box::new(spin(&in_spin).build().unwrap()));
    let host = Target::host(&on_host).await;
    for target in [&spin, &host] {
        let answer = target.ask("GET", "/notes?limit=5", &[], "").await;
        assert_eq!(answer.status(), 503);
        assert!(String::from_utf8_lossy(answer.body()).contains("limit_exceeded"));
        let answer = target.ask("GET", "/notes?limit=5&prefix=00", &[], "").await;
        assert_eq!(answer.status(), 200);
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_of_them_counted_the_other_shows() {
    let folder = folder();
    let spin = Target::Spin(Box::new(spin(&folder).build().unwrap()));
    let host = Target::host(&folder).await;
    for n in 1..=3 {
        let answer = spin.ask("POST", "/visits", &[], "").await;
        assert_eq!(answer.body(), &(2 * n - 1).to_string());
        let answer = host.ask("POST", "/visits", &[], "").await;
        assert_eq!(answer.body(), &(2 * n).to_string());
    }
    host.stop().await;
}
