//! How an app uses the three stores in a component.

use std::sync::Arc;

use edgezero_adapter_spin::{SpinConfigStore, SpinKvStore, SpinSecretStore};
use edgezero_store_traits::{ConfigHandle, KvHandle, SecretHandle};

/// Counts a visit, and greets as the configuration says.
pub async fn visit(page: &str) -> Result<String, Box<dyn std::error::Error>> {
    let kv = KvHandle::new(Arc::new(SpinKvStore::open("default").await?));
    let config = ConfigHandle::new(Arc::new(SpinConfigStore::open("app-config").await?));
    let secrets = SecretHandle::new(Arc::new(SpinSecretStore::new()), "default");

    let visits = kv
        .read_modify_write(page, 0_u64, |visits| visits + 1)
        .await?;
    let greeting = config.require("page.greeting").await?;
    let signed = secrets.get("SIGNING_KEY").await?.is_some();
    Ok(format!("{greeting} Visit {visits}, signed: {signed}"))
}
