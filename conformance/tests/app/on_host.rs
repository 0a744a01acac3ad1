//! The host server: how it starts, what it prints, how it ends.

use std::time::Duration;

use edgezero_store_sqlite::serve::{ServeError, ServeOptions, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use visits_core::App;

use crate::target::folder;

fn options(folder: &tempfile::TempDir) -> ServeOptions {
    ServeOptions::new(folder.path()).with_address(([127, 0, 0, 1], 0).into())
}

#[tokio::test]
async fn it_prints_its_address_and_its_stores() {
    let folder = folder();
    let server = Server::bind::<App>(options(&folder)).await.unwrap();
    let text = server.to_string();
    let file = crate::target::file(&folder);
    for part in [
        &format!("http://{}", server.address()),
        "visits (label visits)",
        "notes (label notes)",
        "app_config (label app_config)",
        file.to_str().unwrap(),
    ] {
        assert!(text.contains(part), "no {part} in: {text}");
    }
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let folder = folder();
    let first = Server::bind::<App>(options(&folder)).await.unwrap();
    let taken = options(&folder).with_address(first.address());
    let error = Server::bind::<App>(taken).await.unwrap_err();
    assert!(matches!(error, ServeError::PortTaken { .. }), "{error:?}");
    let port = first.address().port().to_string();
    assert!(error.to_string().contains(&port), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named() {
    let folder = folder();
    let file = folder.path().join("notes.txt");
    std::fs::write(&file, "no database\n".repeat(1000)).unwrap();
    let error = Server::bind::<App>(options(&folder).with_file(&file)).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("notes.txt"), "{error}");
}

#[tokio::test]
async fn a_line_of_secrets_that_spin_refuses_is_named_and_not_quoted() {
    let folder = folder();
    std::fs::write(
        folder.path().join(".env"),
        "SPIN_VARIABLE_A=x\nplanted secret 'unclosed\n",
    )
    .unwrap();
    let server = Server::bind::<App>(options(&folder)).await.unwrap();
    let [warning] = server.warnings() else {
        panic!("{:?}", server.warnings());
    };
    let text = format!("{warning} {warning:?} {server:?}");
    assert!(text.contains(".env") && text.contains("line 2"), "{text}");
    assert!(!text.contains("planted"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_answers_the_request_that_runs_and_then_ends() {
    let folder = folder();
    let server = Server::bind::<App>(options(&folder)).await.unwrap();
    let address = server.address();
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(server.run_until(async { ended.await.unwrap_or(()) }));

    // Half of a request's body, then the end, then the other half.
    let mut client = TcpStream::connect(address).await.unwrap();
    let head = "POST /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 10\r\n\r\n";
    client.write_all(head.as_bytes()).await.unwrap();
    client.write_all(b"first").await.unwrap();
    let mut answer = vec![0; 12];
    client.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 200");
    end.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!running.is_finished(), "it ended with a request running");
    client.write_all(b"after").await.unwrap();
    client.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer);
    assert!(
        answer.contains("first") && answer.contains("after"),
        "{answer}"
    );

    let done = tokio::time::timeout(Duration::from_secs(20), running).await;
    done.expect("it does not end").unwrap().unwrap();
    assert!(
        TcpStream::connect(address).await.is_err(),
        "it still listens"
    );
}
