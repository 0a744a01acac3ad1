//! The second example app on the host: on the stores that `spin up` would give it.
//!
//! `links-host [PORT]`; 0 lets the system choose. Without it the variables
//! EDGEZERO__ADAPTER__HOST and EDGEZERO__ADAPTER__PORT say where it listens, by default
//! 127.0.0.1:3000.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use edgezero_store_sqlite::{ServeOptions, serve};
use links_core::App;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../spin")
        .canonicalize()?;
    let mut options = ServeOptions::new(folder);
    if let Some(port) = std::env::args().nth(1) {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse()?));
        options = options.with_address(address);
    }
    serve::<App>(options).await?;
    Ok(())
}
