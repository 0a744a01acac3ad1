//! Where the instances of all hosts run: threads of their own, as in a `spin up`.

use std::sync::LazyLock;

use tokio::runtime::Runtime;

static RUNTIME: LazyLock<std::io::Result<Runtime>> = LazyLock::new(Runtime::new);

/// The runtime of the process's hosts. It has several threads, whatever runtime a test
/// is on: an instance that waits for SQLite holds its thread.
pub(crate) fn runtime() -> &'static Runtime {
    #[expect(clippy::expect_used, reason = "without threads there is no host")]
    RUNTIME.as_ref().expect("the system gives threads")
}
