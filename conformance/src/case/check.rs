//! What a case checks.

use std::error::Error;
use std::fmt;

/// A check that failed: what was found, and what was expected.
#[derive(Debug)]
pub struct Mismatch(String);

impl Mismatch {
    /// A mismatch with this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Mismatch {}

/// The start of a value's `Debug` form: a value can be 25 MiB.
pub fn shown(value: &dyn fmt::Debug) -> String {
    const SHOWN: usize = 300;
    let mut text = format!("{value:?}");
    if text.len() > SHOWN {
        let total = text.len();
        let cut = (0..=SHOWN).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(cut.unwrap_or(0));
        text.push_str(&format!("… ({total} characters)"));
    }
    text
}

/// Fails the case unless the condition holds: `check!(condition, "what", …)`.
///
/// For a function that returns [`CaseResult`](crate::CaseResult), or a helper that
/// returns `Result<_, BoxError>`; so are [`check_eq!`](crate::check_eq),
/// [`check_err!`](crate::check_err) and [`check_keys!`](crate::check_keys).
#[macro_export]
macro_rules! check {
    ($condition:expr, $($what:tt)+) => {
        if !$condition {
            return Err(::core::convert::From::from(
                $crate::Mismatch::new(format!($($what)+)),
            ));
        }
    };
}

/// Fails the case unless both sides are equal, and shows both:
/// `check_eq!(found, expected, "what", …)`.
#[macro_export]
macro_rules! check_eq {
    ($found:expr, $expected:expr, $($what:tt)+) => {
        match (&$found, &$expected) {
            (found, expected) => {
                if *found != *expected {
                    return Err(::core::convert::From::from($crate::Mismatch::new(format!(
                        "{}\n  found:    {}\n  expected: {}",
                        format!($($what)+),
                        $crate::shown(&found),
                        $crate::shown(&expected),
                    ))));
                }
            }
        }
    };
}

/// Fails the case unless the result is an error of this pattern; gives the error:
/// `check_err!(result, KvError::Conflict { .. }, "what", …)`.
#[macro_export]
macro_rules! check_err {
    ($result:expr, $pattern:pat, $($what:tt)+) => {
        match $result {
            Err(error) if matches!(error, $pattern) => error,
            Err(other) => {
                return Err(::core::convert::From::from($crate::Mismatch::new(format!(
                    "{}\n  found:    the error {:?}\n  expected: {}",
                    format!($($what)+), other, stringify!($pattern),
                ))));
            }
            Ok(found) => {
                return Err(::core::convert::From::from($crate::Mismatch::new(format!(
                    "{}\n  found:    {}\n  expected: the error {}",
                    format!($($what)+), $crate::shown(&found), stringify!($pattern),
                ))));
            }
        }
    };
}

/// Fails the case unless a listing gave exactly these keys in this order, and says how
/// many are missing, which ones, and which ones are too many:
/// `check_keys!(found, expected, "what", …)`.
#[macro_export]
macro_rules! check_keys {
    ($found:expr, $expected:expr, $($what:tt)+) => {
        match (&$found, &$expected) {
            (found, expected) => {
                if let Some(difference) = $crate::difference(&found[..], &expected[..]) {
                    return Err(::core::convert::From::from($crate::Mismatch::new(format!(
                        "{}: {difference}",
                        format!($($what)+),
                    ))));
                }
            }
        }
    };
}

/// Lists a module's cases: `cases! { "KV-GET-1" => name, … }`.
macro_rules! cases {
    ($($($rule:literal),+ => $function:ident;)+) => {
        pub(super) const CASES: &[$crate::Case] = &[$(
            $crate::Case {
                module: module_path!(),
                function: stringify!($function),
                rules: &[$($rule),+],
                run: |fixture| Box::pin($function(fixture)),
            },
        )+];
    };
}

pub(crate) use {cases, check, check_eq, check_err, check_keys};
