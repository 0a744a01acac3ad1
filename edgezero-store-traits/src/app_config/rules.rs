//! With the feature `validator`: the rules that a struct's values have to keep.

use std::borrow::Cow;
use std::marker::PhantomData;

use validator::{Validate, ValidationError, ValidationErrors, ValidationErrorsKind};

use super::derive::Rule;
use super::field::join;
use super::values::Values;

/// Compiles for a `T` whose rules can be checked.
pub fn assert_rules<T: Checked>() {}

/// A struct whose rules can be checked.
#[diagnostic::on_unimplemented(
    message = "the rules of `{Self}` cannot be checked when the configuration is read",
    note = "derive `Validate` of the version of the crate `validator` that edgezero-store-traits \
            uses: 0.20"
)]
pub trait Checked {}

impl<T: Validate> Checked for T {}

/// The rules of a struct of type `T`.
pub struct ByRules<T>(PhantomData<T>);

impl<T: Validate> ByRules<T> {
    /// Notes the rules that `value`, which is under the key `outer`, breaks.
    pub fn check(value: &T, outer: &str, known: &[Rule], values: &mut Values) {
        if let Err(errors) = value.validate() {
            note(&errors, outer, known, values);
        }
    }
}

/// A struct without rules.
pub trait NoRules<T> {
    /// Finds nothing.
    fn check(_: &T, _: &str, _: &[Rule], _: &mut Values) {}
}

impl<T> NoRules<T> for ByRules<T> {}

/// The name under which validator reports what is wrong with the whole struct.
const WHOLE: &str = "__all__";

fn note(errors: &ValidationErrors, outer: &str, known: &[Rule], values: &mut Values) {
    let any_secret = known.iter().any(|rule| rule.secret);
    // A map's order is random.
    let mut errors: Vec<_> = errors.errors().iter().collect();
    errors.sort_by_key(|(name, _)| *name);
    for (name, kind) in errors {
        let rule = known.iter().find(|rule| rule.field == name);
        let key = match rule {
            Some(Rule { key: "", .. }) => outer.to_owned(),
            Some(rule) => join(outer, rule.key),
            None if name == WHOLE => outer.to_owned(),
            None => join(outer, name),
        };
        // A rule of the struct itself can be about any of its fields.
        let secret = rule.map_or(any_secret, |rule| rule.secret);
        if secret && values.has_names_only() {
            continue;
        }
        match kind {
            ValidationErrorsKind::Field(errors) => {
                for error in errors {
                    values.problem(&key, words(error, secret));
                }
            }
            _ if rule.is_some_and(|rule| rule.by_key) => {}
            ValidationErrorsKind::Struct(errors) => note(errors, &key, &[], values),
            ValidationErrorsKind::List(items) => {
                for (n, errors) in items {
                    note(errors, &format!("{key}[{n}]"), &[], values);
                }
            }
        }
    }
}

/// What a rule asks for. The value itself is among the parameters: it is left out,
/// and of a secret all that was made at run time.
fn words(error: &ValidationError, secret: bool) -> String {
    match &error.message {
        Some(Cow::Borrowed(message)) => return (*message).to_owned(),
        Some(Cow::Owned(message)) if !secret => return message.clone(),
        _ => {}
    }
    let limit = |name: &str| error.params.get(name).map(ToString::to_string);
    let bounds = [
        ("equal", "exactly"),
        ("min", "at least"),
        ("exclusive_min", "more than"),
        ("max", "at most"),
        ("exclusive_max", "less than"),
    ];
    let bounds = bounds
        .iter()
        .filter_map(|(name, words)| Some(format!("{words} {}", limit(name)?)));
    let bounds = bounds.collect::<Vec<_>>().join(" and ");
    match &*error.code {
        "length" => format!("its length must be {bounds}"),
        "range" => format!("must be {bounds}"),
        "email" => "not an email address".to_owned(),
        "url" => "not a URL".to_owned(),
        "ip" | "ipv4" | "ipv6" => "not an IP address".to_owned(),
        "required" => "missing".to_owned(),
        code => match &error.code {
            Cow::Owned(_) if secret => "breaks a rule of its own".to_owned(),
            _ => format!("breaks the rule {code:?}"),
        },
    }
}
