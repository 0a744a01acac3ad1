//! Keys, prefixes and values: few, so that operations meet, and odd.

use conformance::operations::Blob;
use proptest::prelude::*;
use proptest::sample::select;

/// Most operations are on these.
const FREQUENT: &[&str] = &["a", "a/", "a/1", "a/2", "b"];

const KEYS: &[&str] = &[
    "a/10",
    "a/é",
    "a/\u{10ffff}",
    "a/\u{10ffff}\u{10ffff}",
    "A",
    "A/1",
    "a ",
    " a",
    "a%",
    "a_",
    "a*",
    "a?",
    "a[1]",
    "a\\",
    "a'\"",
    "ab",
    "á",
    "a\u{301}",
    "é",
    "e\u{301}",
    "ß",
    "SS",
    "ｚ",
    "\u{ffff}",
    "😀",
    "😀/1",
    "\u{10ffff}",
    "\u{10ffff}\u{10ffff}",
    "...",
    "~",
];

/// Valid ones; none is the start of a key above.
const PREFIXES: &[&str] = &[
    "",
    "a",
    "a/",
    "A",
    "a%",
    "a_",
    "\u{10ffff}",
    "e",
    "😀",
    "a/\u{10ffff}",
];

/// As long as a key may be, or a byte longer.
fn long() -> impl Strategy<Value = String> {
    (select(vec!["k", "é"]), select(vec![512, 513, 514])).prop_map(|(letter, bytes)| {
        let mut text = letter.repeat(bytes / letter.len());
        text.push_str(&"l".repeat(bytes - text.len()));
        text
    })
}

fn owned(texts: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(texts).prop_map(str::to_owned)
}

pub(crate) fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        24 => owned(FREQUENT),
        12 => owned(KEYS),
        1 => long(),
        1 => owned(&["", ".", "..", "a\n", "\0", "a\u{7f}", "\u{85}a"]),
    ]
}

pub(crate) fn prefix() -> impl Strategy<Value = String> {
    prop_oneof![
        16 => owned(PREFIXES),
        4 => owned(KEYS),
        1 => long(),
        1 => owned(&["a\u{1}", "\u{9f}", "."]),
    ]
}

pub(crate) fn value() -> impl Strategy<Value = Blob> {
    let counter = prop_oneof![
        -2..3_i64,
        (i64::MAX - 2)..=i64::MAX,
        i64::MIN..(i64::MIN + 3),
    ];
    prop_oneof![
        6 => select(vec![&b"x"[..], b"", b"\0", b"\xff\xfe", b"12345678", b"7 bytes", b"9 bytes..", b"null", b"1.5", b"\"7\""])
            .prop_map(|bytes| bytes.to_vec()),
        3 => number().prop_map(|number| number.to_string().into_bytes()),
        3 => counter.prop_map(|count| count.to_le_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..40),
        1 => (0..3_usize).prop_map(|n| vec![b'v'; 70_000 * n]),
    ]
    .prop_map(|bytes| Blob(bytes.into()))
}

/// One that a value may be, in JSON.
pub(crate) fn number() -> impl Strategy<Value = i64> {
    prop_oneof![4 => -3..4_i64, 1 => select(vec![i64::MAX, i64::MIN, i64::MAX - 1])]
}
