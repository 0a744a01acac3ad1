//! Key-value stores.

mod values;

use edgezero_store_traits::KvHandle;

use crate::case::Stop;
use crate::fixture::{Fixture, LABEL};

pub(super) const CASES: &[&[crate::Case]] = &[values::CASES];

/// The case's store, behind the handle that an app uses.
async fn open(fixture: &dyn Fixture) -> Result<KvHandle, Stop> {
    Ok(KvHandle::new(fixture.kv(LABEL).await?))
}
