//! The host server: how it starts, what it prints, how it ends.

use edgezero_store_sqlite::serve::{ServeError, ServeOptions, Server};
use visits_core::App;

use crate::target::{Target, folder};

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
async fn a_file_of_secrets_that_is_none_is_named_with_its_line_and_not_quoted() {
    let folder = folder();
    std::fs::write(
        folder.path().join(".env"),
        "SPIN_VARIABLE_A=x\nplanted secret 'unclosed\n",
    )
    .unwrap();
    let error = Server::bind::<App>(options(&folder)).await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(text.contains(".env") && text.contains("line 2"), "{text}");
    assert!(!text.contains("planted"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_when_it_is_told_to() {
    let folder = folder();
    let host = Target::host(&folder).await;
    let body = vec![b'x'; 64 * 1024];
    let answer = host.ask("POST", "/echo", &[], body.clone()).await;
    assert_eq!(answer.body().len(), body.len());
    host.stop().await;
}
