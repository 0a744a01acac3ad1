//! Random sequences.

use conformance::operations::{Call, Operation, Place};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;

use crate::sequence::{Actor, Maker, Sequence, Step};
use crate::texts::{key, number, prefix, value};

/// The most parts of a sequence; a part is one step, or a few that belong together.
const MAX_PARTS: usize = 24;

/// Sequences of what these actors do, each as often as its weight says; with calls
/// to a store with TTL and time that passes, or without.
pub(crate) fn sequences(
    actors: Vec<(u32, Actor)>,
    with_ttl: bool,
) -> impl Strategy<Value = Sequence> {
    // Fewer of Spin's: its journal waits for the disk at every write.
    let maker = prop_oneof![4 => Just(Maker::Mirror), 1 => Just(Maker::Spin)];
    let actor = Union::new_weighted(actors.into_iter().map(|(w, a)| (w, Just(a))).collect());
    (maker, vec(part(actor, with_ttl), 1..=MAX_PARTS)).prop_map(|(maker, parts)| Sequence {
        maker,
        steps: parts.into_iter().flatten().collect(),
    })
}

fn part(
    actor: impl Strategy<Value = Actor> + Clone + 'static,
    with_ttl: bool,
) -> impl Strategy<Value = Vec<Step>> {
    let one = (actor.clone(), operation(call(with_ttl)));
    let one = one.prop_map(|(actor, operation)| vec![Step::Run(actor, operation)]);
    let reopen = actor.clone().prop_map(|actor| vec![Step::Reopen(actor)]);
    let seconds = select(vec![1, 30, 59, 60, 61, 3600, 365 * 24 * 60 * 60]);
    let pass = seconds.prop_map(|seconds| vec![Step::Pass(seconds)]);
    let mut parts = vec![
        (80, one.boxed()),
        (8, swap(actor.clone()).boxed()),
        (10, walk(actor.clone()).boxed()),
        (3, count(actor.clone()).boxed()),
        (4, reopen.boxed()),
        (1, full(actor).boxed()),
    ];
    if with_ttl {
        parts.push((12, pass.boxed()));
    }
    Union::new_weighted(parts)
}

/// A swap, and perhaps another write to the key before it.
fn swap(actor: impl Strategy<Value = Actor> + Clone) -> impl Strategy<Value = Vec<Step>> {
    let write = |key: String| {
        prop_oneof![
            value().prop_map({
                let key = key.clone();
                move |value| Call::Put {
                    key: key.clone(),
                    value,
                }
            }),
            Just(Call::Delete { key: key.clone() }),
            Just(Call::Increment { key, delta: 1 }),
        ]
    };
    let written = (label(), key()).prop_flat_map(move |(label, key)| {
        (Just(label), Just(key.clone()), option::of(write(key)))
    });
    (actor.clone(), actor, written, value()).prop_map(|(swapper, writer, written, value)| {
        let (label, key, write) = written;
        let run = |actor, call| {
            let label = label.clone();
            Step::Run(
                actor,
                Operation {
                    label,
                    max_list_keys: None,
                    call,
                },
            )
        };
        let mut steps = vec![run(swapper, Call::ReadToSwap { key })];
        steps.extend(write.map(|write| run(writer, write)));
        steps.push(run(swapper, Call::Swap { value }));
        steps
    })
}

/// Page after page, and perhaps a write between two.
fn walk(actor: impl Strategy<Value = Actor> + Clone) -> impl Strategy<Value = Vec<Step>> {
    let next = prop_oneof![
        5 => (0..1_usize, limit()).prop_map(|(back, limit)| Call::NextPage { back, limit }),
        1 => key().prop_map(|key| Call::Delete { key }),
        1 => (key(), value()).prop_map(|(key, value)| Call::Put { key, value }),
    ];
    let actors = vec(actor, 5);
    let first = (label(), prefix(), 1..4_usize);
    (actors, first, vec(next, 1..5)).prop_map(|(actors, (label, prefix, limit), next)| {
        let place = Place::Start;
        let first = Call::Page {
            prefix,
            place,
            limit,
        };
        let calls = std::iter::once(first).chain(next).zip(actors);
        let step = |(call, actor)| {
            let label = label.clone();
            Step::Run(
                actor,
                Operation {
                    label,
                    max_list_keys: None,
                    call,
                },
            )
        };
        calls.map(step).collect()
    })
}

/// One counter, from one end of its range to the other and beyond.
fn count(actor: impl Strategy<Value = Actor> + Clone) -> impl Strategy<Value = Vec<Step>> {
    (label(), key(), vec((actor, number()), 2..5)).prop_map(|(label, key, numbers)| {
        let step = |(actor, delta)| {
            let (label, key) = (label.clone(), key.clone());
            let call = Call::Increment { key, delta };
            Step::Run(
                actor,
                Operation {
                    label,
                    max_list_keys: None,
                    call,
                },
            )
        };
        numbers.into_iter().map(step).collect()
    })
}

/// About as many keys as a page and a store's cap hold, and listings of them.
fn full(actor: impl Strategy<Value = Actor>) -> impl Strategy<Value = Vec<Step>> {
    let cap = select(vec![None, Some(0), Some(1001)]);
    let limit = select(vec![1000, 999, 1001]);
    let prefix = select(vec!["a/", "b", "\u{10ffff}"]);
    (
        actor,
        label(),
        prefix,
        998..1003_usize,
        vec((cap, limit), 1..4),
    )
        .prop_map(|(actor, label, prefix, count, listings)| {
            let run = |max_list_keys, call| {
                let label = label.clone();
                Step::Run(
                    actor,
                    Operation {
                        label,
                        max_list_keys,
                        call,
                    },
                )
            };
            let prefix = prefix.to_owned();
            let fill = Call::Fill {
                prefix: prefix.clone(),
                count,
            };
            let list = |(cap, limit)| {
                let prefix = prefix.clone();
                run(cap, Call::Pages { prefix, limit })
            };
            std::iter::once(run(None, fill))
                .chain(listings.into_iter().map(list))
                .collect()
        })
}

fn operation(call: impl Strategy<Value = Call>) -> impl Strategy<Value = Operation> {
    let cap = prop_oneof![4 => Just(None), 1 => Just(Some(0)), 3 => (1..7_u32).prop_map(Some)];
    (label(), cap, call).prop_map(|(label, max_list_keys, call)| Operation {
        label,
        max_list_keys,
        call,
    })
}

fn label() -> impl Strategy<Value = String> {
    let labels = prop_oneof![50 => Just("default"), 20 => Just("second"), 1 => Just("no label")];
    labels.prop_map(str::to_owned)
}

fn limit() -> impl Strategy<Value = usize> {
    prop_oneof![8 => 1..5_usize, 1 => select(vec![0, 1000, 1001])]
}

fn place() -> impl Strategy<Value = Place> {
    let back = || 0..3_usize;
    let made_up = select(vec!["", "a", "a/1", "AQ", "é", "AQAAAAAAAAAAYS8x"]);
    prop_oneof![
        4 => Just(Place::Start),
        3 => back().prop_map(Place::Given),
        1 => back().prop_map(Place::Cut),
        1 => (back(), 0..64_usize).prop_map(|(back, at)| Place::Edited(back, at)),
        1 => made_up.prop_map(|text| Place::MadeUp(text.to_owned())),
    ]
}

fn call(with_ttl: bool) -> impl Strategy<Value = Call> {
    let keys = || vec(key(), 0..6);
    let year = 365 * 24 * 60 * 60;
    let seconds = prop_oneof![
        6 => select(vec![60, 61, 120, year]),
        1 => select(vec![0, 59, year + 1]),
    ];
    let ttl_weight = if with_ttl { 20 } else { 2 };
    let one_key = prop_oneof![
        8 => key().prop_map(|key| Call::Get { key }),
        14 => (key(), value()).prop_map(|(key, value)| Call::Put { key, value }),
        ttl_weight => (key(), value(), seconds)
            .prop_map(|(key, value, seconds)| Call::PutWithTtl { key, value, seconds }),
        5 => key().prop_map(|key| Call::Delete { key }),
        4 => key().prop_map(|key| Call::Exists { key }),
        2 => key().prop_map(|key| Call::Require { key }),
        4 => (key(), number()).prop_map(|(key, number)| Call::PutNumber { key, number }),
        5 => (key(), number()).prop_map(|(key, delta)| Call::Increment { key, delta }),
        2 => key().prop_map(|key| Call::Counter { key }),
        4 => (key(), option::weighted(0.8, number())).prop_map(|(key, add)| Call::Update { key, add }),
        2 => (key(), number()).prop_map(|(key, add)| Call::UpdateNotAtomic { key, add }),
    ];
    let many_keys = prop_oneof![
        8 => (prefix(), place(), limit())
            .prop_map(|(prefix, place, limit)| Call::Page { prefix, place, limit }),
        5 => (0..3_usize, limit()).prop_map(|(back, limit)| Call::NextPage { back, limit }),
        3 => (prefix(), limit()).prop_map(|(prefix, limit)| Call::Pages { prefix, limit }),
        4 => keys().prop_map(|keys| Call::GetMany { keys }),
        5 => vec((key(), value()), 0..6).prop_map(|pairs| Call::PutMany { pairs }),
        3 => keys().prop_map(|keys| Call::DeleteMany { keys }),
        1 => Just(Call::Capabilities),
        1 => Just(Call::Everything),
    ];
    prop_oneof![5 => one_key, 3 => many_keys]
}
