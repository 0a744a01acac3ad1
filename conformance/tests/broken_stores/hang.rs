//! Work that may wait for ever.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// Polls the work until it ends; `None` where it waits, and nothing has woken it: for
/// work that nothing outside can wake.
pub(crate) fn to_its_end<T>(work: impl Future<Output = T>) -> Option<T> {
    struct Woken(AtomicBool);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    let woken = Arc::new(Woken(AtomicBool::new(false)));
    let waker = Waker::from(woken.clone());
    let mut context = Context::from_waker(&waker);
    let mut work = pin!(work);
    loop {
        if let Poll::Ready(done) = work.as_mut().poll(&mut context) {
            return Some(done);
        }
        if !woken.0.swap(false, Ordering::Relaxed) {
            return None;
        }
    }
}
