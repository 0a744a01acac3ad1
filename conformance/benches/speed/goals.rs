//! Which results are compared, and what the ratio should be.

use crate::data::{LARGE, SMALL};
use crate::measure::Measured;
use crate::{component, host_calls, listing, memory, opening, reads, writes};

/// What a ratio should be.
#[derive(Clone, Copy)]
pub(crate) enum Goal {
    /// So many times the peer's throughput, at least.
    Faster(f64),
    /// So many times the peer's time, or memory, at most.
    Within(f64),
    /// As it comes.
    None,
}

/// A line of the table.
pub(crate) struct Comparison {
    pub(crate) ours: Measured,
    pub(crate) peer: Measured,
    pub(crate) goal: Goal,
}

pub(crate) fn comparisons() -> Vec<Comparison> {
    use Goal::{Faster, Within};
    let small_page = listing::page(SMALL);
    let large_page = listing::page(LARGE);
    let same = |operation, peer, goal| (operation, "ours", operation, peer, goal);
    let at_once = |operation, ours| (operation, ours, operation, "one by one", Goal::None);
    let counted = |ours| {
        let operation = component::COUNTED;
        (operation, ours, operation, "get and put", Goal::None)
    };
    [
        same(reads::ONE, "raw", Faster(0.7)),
        same(reads::ONE, "mutex", Faster(3.0)),
        same(reads::ONE, "redb", Goal::None),
        same(reads::SMALL, "raw", Goal::None),
        same(reads::LARGE_VALUE, "raw", Goal::None),
        (reads::MANY, "ours", reads::ONE, "ours", Faster(1.6)),
        (
            reads::MANY,
            "raw, two threads",
            reads::ONE,
            "raw",
            Goal::None,
        ),
        same(reads::MANY, "mutex", Goal::None),
        same(reads::MANY, "redb", Goal::None),
        same(writes::ONE, "raw", Faster(0.95)),
        (writes::MANY, "ours", writes::ONE, "raw", Faster(8.0)),
        (
            writes::MANY_FEW,
            "ours",
            writes::ONE_FEW,
            "raw",
            Faster(8.0),
        ),
        same(writes::MANY, "mutex", Goal::None),
        same(writes::MANY, "redb", Goal::None),
        same(writes::MIXED, "redb", Faster(1.0)),
        same(writes::MIXED, "mutex", Goal::None),
        (large_page, "ours", small_page, "ours", Within(1.5)),
        same(large_page, "mutex", Faster(500.0)),
        same(listing::ALL, "raw", Within(1.3)),
        same(writes::BATCH, "raw", Faster(0.9)),
        same(opening::OPEN, "raw", Within(1.2)),
        same(memory::PEAK, "redb", Within(1.0)),
        same(component::GET, "bare spin-sdk", Faster(0.95)),
        same(component::PUT, "bare spin-sdk", Faster(0.95)),
        same(component::PAGE_SMALL, "bare list-keys", Within(1.3)),
        same(component::PAGE_SMALL, "spin-sdk's stream", Faster(20.0)),
        same(component::PAGE_LARGE, "bare list-keys", Within(1.3)),
        same(component::PAGE_LARGE, "spin-sdk's stream", Faster(20.0)),
        same(component::PAGE_STREAM, "spin-sdk's stream", Goal::None),
        same(component::MEMORY, "the limit", Within(1.0)),
        same(component::KEYS_READ, "the limit", Within(1.0)),
        same(host_calls::GET, "the limit", Within(1.0)),
        same(host_calls::PUT, "the limit", Within(1.0)),
        same(host_calls::PAGE, "the limit", Within(1.0)),
        same(host_calls::INCREMENT, "the limit", Within(1.0)),
        same(host_calls::UPDATE, "the limit", Within(1.0)),
        same(host_calls::CREATION, "the limit", Within(1.0)),
        at_once(component::GET_100, "get_many"),
        at_once(component::PUT_1000, "put_many"),
        counted("update"),
        counted("increment"),
    ]
    .into_iter()
    .map(|(operation, who, other, peer, goal)| Comparison {
        ours: (operation, who),
        peer: (other, peer),
        goal,
    })
    .collect()
}
