//! A stream of keys, as Spin hands it to a component: one key at a time.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::sync::mpsc;
use wasmtime::StoreContextMut;
use wasmtime::component::{Destination, StreamProducer, StreamResult, VecBuffer};

use crate::calls::Calls;

pub(super) struct Producer {
    keys: mpsc::Receiver<String>,
    /// After how many more keys the stream ends, where a test asked for an end.
    remaining: Option<usize>,
    calls: Calls,
}

impl Producer {
    pub(super) fn new(keys: mpsc::Receiver<String>, calls: Calls) -> Self {
        Self {
            keys,
            remaining: None,
            calls,
        }
    }

    pub(super) fn end_after(&mut self, count: usize) {
        self.remaining = Some(count);
    }
}

impl<D> StreamProducer<D> for Producer {
    type Item = String;
    type Buffer = VecBuffer<String>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut store: StoreContextMut<'a, D>,
        mut destination: Destination<'a, String, VecBuffer<String>>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        // A read of nothing asks whether a key is ready: Spin says that one is.
        if destination.remaining(&mut store) == Some(0) {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        if self.remaining == Some(0) {
            return Poll::Ready(Ok(StreamResult::Dropped));
        }
        let polled = self.keys.poll_recv(context);
        if finish && polled.is_pending() {
            return Poll::Ready(Ok(StreamResult::Cancelled));
        }
        let Some(key) = ready!(polled) else {
            return Poll::Ready(Ok(StreamResult::Dropped));
        };
        self.remaining = self.remaining.map(|remaining| remaining - 1);
        self.calls.count_key();
        destination.set_buffer(vec![key].into());
        Poll::Ready(Ok(StreamResult::Completed))
    }
}
