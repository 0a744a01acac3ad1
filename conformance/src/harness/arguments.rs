//! Which cases of which backends a run is about.

use libtest_mimic::Arguments;

use super::Backend;
use crate::Case;

/// What the command line asks for.
#[derive(Default)]
pub(super) struct Selection {
    rules: Vec<String>,
    backends: Vec<String>,
    pub(super) table: bool,
    pub(super) arguments: Arguments,
}

impl Selection {
    /// Reads a command line; an error for a rule or a backend that does not exist.
    pub(super) fn parse(
        words: impl Iterator<Item = String>,
        backends: &[Backend],
    ) -> Result<Self, String> {
        let mut selection = Self::default();
        let mut others = Vec::new();
        let mut words = words;
        while let Some(word) = words.next() {
            let (option, value) = match word.split_once('=') {
                Some((option, value)) => (option, Some(value.to_owned())),
                None => (word.as_str(), None),
            };
            let list = match option {
                "--rule" => &mut selection.rules,
                "--backend" => &mut selection.backends,
                "--table" => {
                    selection.table = true;
                    continue;
                }
                _ => {
                    others.push(word);
                    continue;
                }
            };
            let value = value.or_else(|| words.next());
            list.push(value.ok_or_else(|| format!("{option} needs a value"))?);
        }
        selection.arguments = Arguments::from_iter(others);
        selection.check(backends)?;
        Ok(selection)
    }

    fn check(&self, backends: &[Backend]) -> Result<(), String> {
        for rule in &self.rules {
            let mut cases = backends.iter().flat_map(Backend::cases);
            if !cases.any(|case| case.rules().contains(&rule.as_str())) {
                return Err(format!(
                    "no case proves a rule {rule:?}; the rules are in the specification, as in \
                     KV-LIST-1"
                ));
            }
        }
        for name in &self.backends {
            if !backends.iter().any(|backend| backend.name() == name) {
                let names: Vec<_> = backends.iter().map(Backend::name).collect();
                return Err(format!(
                    "there is no backend {name:?}; there are: {}",
                    names.join(", ")
                ));
            }
        }
        Ok(())
    }

    /// Whether a case is one of a rule that was asked for, and its name matches the
    /// filter that a table has in common with libtest.
    pub(super) fn has_case(&self, case: &Case) -> bool {
        let rules = case.rules();
        let of_rule = |rule: &String| rules.contains(&rule.as_str());
        self.rules.is_empty() || self.rules.iter().any(of_rule)
    }

    pub(super) fn has_backend(&self, backend: &Backend) -> bool {
        self.backends.is_empty() || self.backends.iter().any(|name| name == backend.name())
    }

    /// Whether a case is in the table: by its name, in the way of libtest's filter.
    pub(super) fn has_row(&self, case: &Case) -> bool {
        let filter = self.arguments.filter.as_deref().unwrap_or("");
        self.has_case(case) && case.name().contains(filter)
    }

    pub(super) fn is_everything(&self) -> bool {
        self.rules.is_empty() && self.backends.is_empty()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;
    use crate::Outcome;

    fn parse(line: &str) -> Result<Selection, String> {
        let backends = ["one", "two"].map(|name| Backend::new(name, |_| Outcome::Passed));
        let words = std::iter::once("suite").chain(line.split_whitespace());
        Selection::parse(words.map(str::to_owned), &backends)
    }

    fn names(selection: &Selection) -> Vec<String> {
        let cases = crate::suite().filter(|case| selection.has_row(case));
        cases.map(|case| case.name()).collect()
    }

    #[test]
    fn a_rule_selects_its_cases_and_not_those_of_a_rule_with_a_longer_id() {
        let selection = parse("--rule KV-LIST-1").unwrap();
        let names = names(&selection);
        assert!(names.contains(&"kv::listing::an_empty_store_lists_nothing".to_owned()));
        let twelve = "kv::listing::an_adapters_key_is_neither_listed_nor_counted";
        assert!(!names.contains(&twelve.to_owned()), "{names:?}");
    }

    #[test]
    fn rules_backends_and_a_filter_are_combined() {
        let selection = parse("--rule=KV-LIST-1 --backend two --rule KV-GET-1 empty").unwrap();
        assert_eq!(
            names(&selection),
            ["kv::listing::an_empty_store_lists_nothing"]
        );
        let backend = |name| Backend::new(name, |_| Outcome::Passed);
        assert!(selection.has_backend(&backend("two")));
        assert!(!selection.has_backend(&backend("one")));
    }

    #[test]
    fn what_does_not_exist_is_an_error_that_names_it() {
        for line in ["--rule KV-LIST", "--rule", "--backend three"] {
            let error = parse(line).err().unwrap();
            let last = line.rsplit(' ').next().unwrap();
            assert!(error.contains(last), "{error}");
        }
    }
}
