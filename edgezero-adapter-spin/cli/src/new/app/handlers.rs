//! The app over HTTP, on stores of its own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use @ident@_core::App;
use edgezero_store_sqlite::serve::{ServeOptions, Server};
use edgezero_store_sqlite::SqliteFile;
use edgezero_store_traits::KvStore;

fn get(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_answered() {
    let folder = std::env::temp_dir().join(format!("@name@-test-{}", std::process::id()));
    let file = folder.join("kv.db");
    let config = SqliteFile::open(&file).unwrap().kv("app_config").unwrap();
    for (key, value) in [
        ("greeting", "Good day"),
        ("page.names", "5"),
        ("upstream.url", "https://example.com/"),
    ] {
        config.put_bytes(key, value.into()).await.unwrap();
    }
    let spin_toml = concat!(env!("CARGO_MANIFEST_DIR"), "/../@name@-adapter-spin");
    let options = ServeOptions::new(spin_toml).with_file(&file);
    let options = options.with_address(([127, 0, 0, 1], 0).into());
    let server = Server::bind::<App>(options).await.unwrap();
    let address = server.address();
    let running = tokio::spawn(server.run_until(std::future::pending()));
    let answers = tokio::task::spawn_blocking(move || {
        ["/hello/ada", "/hello/ada", "/about", "/upstream"].map(|path| get(address, path).unwrap())
    });
    let [first, second, about, upstream] = answers.await.unwrap();
    running.abort();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(first.ends_with("Good day, ada! Visit 1.\n"), "{first}");
    assert!(second.ends_with("Good day, ada! Visit 2.\n"), "{second}");
    assert!(about.ends_with(r#"{"client":"127.0.0.1","answered":1}"#), "{about}");
    // Until spin.toml allows a server, none is asked.
    assert!(upstream.starts_with("HTTP/1.1 500"), "{upstream}");
}
