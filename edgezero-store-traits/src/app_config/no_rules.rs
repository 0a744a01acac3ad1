//! Without the feature `validator`, a struct has no rules.

use super::derive::Rule;
use super::values::Values;

/// Nothing: the feature `validator` is off.
pub fn assert_rules<T>() {}

/// The rules of a struct of type `T`.
pub struct ByRules<T>(std::marker::PhantomData<T>);

/// A struct without rules.
pub trait NoRules<T> {
    /// Finds nothing.
    fn check(_: &T, _: &str, _: &[Rule], _: &mut Values) {}
}

impl<T> NoRules<T> for ByRules<T> {}
