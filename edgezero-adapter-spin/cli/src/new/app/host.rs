//! The app on this machine, on the file that `spin up` would use.
//!
//! `@name@-host [PORT]`; 3000 is the default, and 0 lets the system choose.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use @ident@_core::App;
use edgezero_store_sqlite::{ServeOptions, serve};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../@name@-adapter-spin");
    let port = match std::env::args().nth(1) {
        None => 3000,
        Some(port) => port.parse()?,
    };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    serve::<App>(ServeOptions::new(folder).with_address(address)).await?;
    Ok(())
}
