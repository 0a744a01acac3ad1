//! The example app on the host: on the stores that `spin up` would give it.
//!
//! `visits-host [PORT]`; 3000 is the default, and 0 lets the system choose.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use edgezero_store_sqlite::{ServeOptions, serve};
use visits_core::App;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../spin")
        .canonicalize()?;
    let port = match std::env::args().nth(1) {
        None => 3000,
        Some(port) => port.parse()?,
    };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    serve::<App>(ServeOptions::new(folder).with_address(address)).await?;
    Ok(())
}
