//! Key-value pairs in a Spin key-value store.

mod gate;
mod key_limits;
mod per_label;
mod stream;

#[cfg(feature = "wasi-keyvalue")]
mod wasi;

pub use self::stream::SpinStreamStore;
#[cfg(not(feature = "wasi-keyvalue"))]
pub use self::stream::SpinStreamStore as SpinKvStore;
#[cfg(feature = "wasi-keyvalue")]
pub use self::wasi::SpinKvStore;
