//! A case, and how one ends.

use std::fmt;
use std::panic::Location;

use edgezero_store_traits::KvError;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::Fixture;

/// One case of the suite.
#[derive(Clone, Copy)]
pub struct Case {
    pub(crate) module: &'static str,
    pub(crate) function: &'static str,
    pub(crate) rules: &'static [&'static str],
    pub(crate) run: for<'a> fn(&'a dyn Fixture) -> BoxFuture<'a, CaseResult>,
}

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", content = "message", rename_all = "lowercase")]
pub enum Outcome {
    /// The backend keeps the rules.
    Passed,
    /// The backend's capabilities exclude the case, for this reason.
    Excluded(String),
    /// The backend breaks a rule, or the fixture failed: where and how.
    Failed(String),
}

impl Case {
    /// The case's name: its place in the suite and what it asserts, as in
    /// `kv::listing::keys_are_in_byte_order`.
    pub fn name(&self) -> String {
        let module = self.module.rsplit_once("::cases::");
        format!(
            "{}::{}",
            module.map_or("", |(_, place)| place),
            self.function
        )
    }

    /// The ids of the rules that the case proves.
    pub fn rules(&self) -> &'static [&'static str] {
        self.rules
    }

    /// Runs the case on a fixture that no other case uses.
    pub async fn run(&self, fixture: &dyn Fixture) -> Outcome {
        match (self.run)(fixture).await {
            Ok(()) => Outcome::Passed,
            Err(Stop::Excluded(reason)) => Outcome::Excluded(reason),
            Err(Stop::PlatformLimit { message, at }) => match fixture.unstorable().await {
                Ok(pairs) if !pairs.is_empty() => Outcome::Excluded(message),
                Ok(_) => failed(&message, at),
                Err(error) => Outcome::Failed(error.to_string()),
            },
            Err(Stop::Failed { message, at }) => failed(&message, at),
        }
    }
}

fn failed(message: &str, at: &Location<'_>) -> Outcome {
    Outcome::Failed(format!("{message}\n  at {}:{}", at.file(), at.line()))
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.name(), self.rules)
    }
}

pub(crate) type CaseResult = Result<(), Stop>;

/// Why a case ends before its end.
pub(crate) enum Stop {
    Excluded(String),
    /// The platform cannot hold a key or a value of the case.
    PlatformLimit {
        message: String,
        at: &'static Location<'static>,
    },
    Failed {
        message: String,
        at: &'static Location<'static>,
    },
}

impl Stop {
    #[track_caller]
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::Failed {
            message: message.into(),
            at: Location::caller(),
        }
    }
}

/// An error that a case did not expect, with all its causes.
impl<E: Into<edgezero_store_traits::BoxError>> From<E> for Stop {
    #[track_caller]
    fn from(error: E) -> Self {
        let error = error.into();
        if let Some(KvError::PlatformLimit { .. }) = error.downcast_ref() {
            return Self::PlatformLimit {
                message: error.to_string(),
                at: Location::caller(),
            };
        }
        let mut message = format!("unexpected error: {error}");
        let mut source = error.source();
        while let Some(cause) = source {
            message.push_str(&format!("\n  because: {cause}"));
            source = cause.source();
        }
        Self::failed(message)
    }
}

/// What a failed check shows of a value: a value can be 25 MiB.
pub(crate) fn shown(value: &dyn fmt::Debug) -> String {
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

/// Fails the case unless the condition holds.
macro_rules! check {
    ($condition:expr, $($what:tt)+) => {
        if !$condition {
            return Err($crate::case::Stop::failed(format!($($what)+)));
        }
    };
}

/// Fails the case unless both sides are equal; shows both.
macro_rules! check_eq {
    ($left:expr, $right:expr, $($what:tt)+) => {
        match (&$left, &$right) {
            (left, right) => {
                if *left != *right {
                    return Err($crate::case::Stop::failed(format!(
                        "{}\n  found:    {}\n  expected: {}",
                        format!($($what)+),
                        $crate::case::shown(&left),
                        $crate::case::shown(&right),
                    )));
                }
            }
        }
    };
}

/// Fails the case unless the result is an error of this pattern; gives the error.
macro_rules! check_err {
    ($result:expr, $pattern:pat, $($what:tt)+) => {
        match $result {
            Err(error) if matches!(error, $pattern) => error,
            Err(other) => return Err($crate::case::Stop::failed(format!(
                "{}\n  found:    the error {:?}\n  expected: {}",
                format!($($what)+), other, stringify!($pattern),
            ))),
            Ok(found) => return Err($crate::case::Stop::failed(format!(
                "{}\n  found:    {}\n  expected: the error {}",
                format!($($what)+), $crate::case::shown(&found), stringify!($pattern),
            ))),
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

pub(crate) use {cases, check, check_eq, check_err};
