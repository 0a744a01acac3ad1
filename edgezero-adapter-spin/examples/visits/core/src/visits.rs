//! The counter.

use edgezero_store_traits::KvError;
use edgezero_store_traits::app::Kv;

const KEY: &str = "visits";

/// The number of visits, which none of the requests at once can lose.
pub(crate) async fn visit(kv: Kv) -> Result<String, KvError> {
    let visits = kv.default().await?.increment(KEY, 1).await?;
    Ok(visits.to_string())
}

/// The number so far.
pub(crate) async fn count(kv: Kv) -> Result<String, KvError> {
    Ok(kv.default().await?.counter(KEY).await?.to_string())
}
