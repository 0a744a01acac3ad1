//! The example's page, in a real browser.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use edgezero_store_sqlite::serve::{ServeOptions, Server};
use fantoccini::{Client, ClientBuilder, Locator};
use tempfile::TempDir;
use visits_core::App;

/// Stopped when dropped.
struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    fn start() -> Self {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .spawn()
            .expect("chromedriver does not start: run conformance/setup, which installs it");
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            let port = line.split_once("started successfully on port ")?.1;
            port.trim_end_matches('.').parse().ok()
        });
        let port = port.expect("chromedriver names no port");
        Self { process, port }
    }

    async fn browser(&self, profile: &TempDir) -> Client {
        let mut arguments: Vec<_> = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
        ]
        .map(str::to_owned)
        .into();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        let capabilities = serde_json::json!({ "goog:chromeOptions": { "args": arguments } });
        ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities.as_object().unwrap().clone())
            .connect(&format!("http://127.0.0.1:{}", self.port))
            .await
            .unwrap()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Waits until the page shows this text there: a click may load another page.
async fn shows(browser: &Client, selector: &str, expected: &str) {
    let mut found = Err(None);
    for _ in 0..200 {
        found = match browser.find(Locator::Css(selector)).await {
            Ok(element) => element.text().await.map_err(Some),
            Err(error) => Err(Some(error)),
        };
        if found.as_ref().is_ok_and(|text| text.contains(expected)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{selector} shows {found:?}, and not {expected:?}");
}

async fn click(browser: &Client, selector: &str) {
    let element = browser.find(Locator::Css(selector)).await.unwrap();
    element.click().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_can_click_through_the_page() {
    let (folder, profile) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let spin_toml = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../edgezero-adapter-spin/examples/visits/spin"
    );
    let options = ServeOptions::new(spin_toml)
        .with_file(folder.path().join("kv.db"))
        .with_address(([127, 0, 0, 1], 0).into());
    let server = Server::bind::<App>(options).await.unwrap();
    let url = format!("http://{}/", server.address());
    tokio::spawn(server.run_until(std::future::pending()));

    let driver = Driver::start();
    let browser = driver.browser(&profile).await;
    let clicks = async {
        browser.goto(&url).await.unwrap();
        shows(&browser, "h1", "Welcome").await;
        shows(&browser, "#visits", "0").await;
        for visits in 1..=3 {
            click(&browser, "#visit").await;
            shows(&browser, "#visits", &visits.to_string()).await;
        }
        for note in ["a", "b", "c", "d", "e", "<f>"] {
            let form = browser.form(Locator::Css("form[action='/notes']")).await;
            let form = form.unwrap();
            form.set_by_name("key", note).await.unwrap();
            form.set_by_name("text", "x").await.unwrap();
            form.submit().await.unwrap();
            shows(&browser, "#notes", note).await;
        }
        shows(&browser, "#notes", "<f>\na\nb\nc\nd").await;
        click(&browser, "#more").await;
        shows(&browser, "#notes", "e").await;
        assert_eq!(
            browser.find_all(Locator::Css("#more")).await.unwrap().len(),
            0
        );
        click(&browser, "a[href='/about']").await;
        shows(&browser, "body", "Signing key: not there").await;
        click(&browser, "a[href='/']").await;
        shows(&browser, "#visits", "3").await;
    };
    let done = tokio::time::timeout(Duration::from_secs(120), clicks).await;
    browser.close().await.unwrap();
    done.expect("the clicks took too long");
}
