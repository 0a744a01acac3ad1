//! Stores whose TTLs are a little too long or too short.

use std::time::Duration;

use crate::flaw::{Flaw, On, RIGHT};

const WITH_TTL: Flaw = Flaw {
    on: On::MemoryWithTtl,
    ..RIGHT
};

const SHORT: &str = "kv::ttl::a_ttl_is_exact_to_a_quarter_of_a_second";
const LONG: &str = "kv::ttl::a_ttl_of_many_days_is_exact_to_a_quarter_of_a_second";

const SECOND: Duration = Duration::from_secs(1);

macro_rules! with {
    ($ttl:expr) => {
        |right, key, value, ttl| {
            let changed: fn(Duration) -> Duration = $ttl;
            right.put_bytes_with_ttl(key, value, changed(ttl))
        }
    };
}

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "a_ttl_is_rounded_down_to_seconds",
        fails: &[SHORT, LONG],
        put_with_ttl: with!(|ttl| Duration::from_secs(ttl.as_secs())),
        ..WITH_TTL
    },
    Flaw {
        name: "a_ttl_is_rounded_up_to_seconds",
        fails: &[SHORT, LONG],
        put_with_ttl: with!(|ttl| Duration::from_secs(ttl.as_millis().div_ceil(1000) as u64)),
        ..WITH_TTL
    },
    Flaw {
        name: "a_ttl_is_rounded_to_the_nearest_second",
        fails: &[SHORT, LONG],
        put_with_ttl: with!(|ttl| Duration::from_secs(ttl.as_secs_f64().round() as u64)),
        ..WITH_TTL
    },
    Flaw {
        name: "a_ttl_is_a_second_too_long",
        fails: &[SHORT, LONG],
        put_with_ttl: with!(|ttl| ttl + SECOND),
        ..WITH_TTL
    },
    Flaw {
        name: "a_ttl_is_a_second_too_short",
        fails: &[SHORT, LONG],
        put_with_ttl: with!(|ttl| ttl - SECOND),
        ..WITH_TTL
    },
    Flaw {
        name: "a_ttl_is_half_a_second_too_long",
        fails: &[SHORT],
        put_with_ttl: with!(|ttl| ttl + SECOND / 2),
        ..WITH_TTL
    },
    Flaw {
        name: "a_ttl_is_counted_in_a_float_of_32_bits",
        fails: &[LONG],
        put_with_ttl: with!(|ttl| Duration::from_secs_f32(ttl.as_secs_f32())),
        ..WITH_TTL
    },
    Flaw {
        name: "a_ttl_of_more_than_a_day_is_rounded_to_minutes",
        fails: &[LONG],
        put_with_ttl: with!(|ttl| match ttl.as_secs() {
            0..=86_399 => ttl,
            seconds => Duration::from_secs(seconds / 60 * 60),
        }),
        ..WITH_TTL
    },
];
