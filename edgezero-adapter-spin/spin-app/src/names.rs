//! Spin's rules for names.

/// Words of letters and digits, joined by a separator.
#[derive(Clone, Copy)]
pub(crate) enum Rule {
    /// A variable: lower-case words, joined by `_`.
    Variable,
    /// A component's id: words joined by `-`.
    Component,
    /// A label: words joined all by `-` or all by `_`.
    Label,
}

impl Rule {
    /// What a name has to look like, for a message. `None` where it does.
    pub(crate) fn refusal(self, name: &str) -> Option<&'static str> {
        let good = match self {
            Self::Variable => words(name, '_') && !name.contains(|c: char| c.is_ascii_uppercase()),
            Self::Component => words(name, '-'),
            Self::Label => words(name, '-') || words(name, '_'),
        };
        (!good).then_some(match self {
            Self::Variable => {
                "a variable's name is one or more words joined by `_`; each word starts with a \
                 letter, and has only lower-case letters and digits"
            }
            Self::Component => {
                "a component's id is one or more words joined by `-`; each word starts with a \
                 letter, and has only letters and digits, all lower-case or all upper-case"
            }
            Self::Label => {
                "a label is one or more words joined by `-` or by `_`; each word starts with a \
                 letter, and has only letters and digits, all lower-case or all upper-case"
            }
        })
    }
}

fn words(name: &str, separator: char) -> bool {
    name.split(separator).all(|word| {
        let one_case = !word.contains(|c: char| c.is_ascii_lowercase())
            || !word.contains(|c: char| c.is_ascii_uppercase());
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.chars().all(|c| c.is_ascii_alphanumeric())
            && one_case
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_judged_as_spin_judges_them() {
        for (rule, good, bad) in [
            (
                Rule::Variable,
                &["a", "api_key", "a1_b2"][..],
                &["", "A", "a-b", "_a", "a_", "a__b", "v2_1", "1a", "é", "a_B"][..],
            ),
            (
                Rule::Component,
                &["a", "my-app", "A", "A1-b"],
                &["", "a_b", "aB", "-a", "a-", "a--b", "1", "a-1"],
            ),
            (
                Rule::Label,
                &["default", "a-b", "a_b", "mixed_CASE_words"],
                &["", "a-b_c", "aB", "a.b", "a b", "a_1"],
            ),
        ] {
            for name in good {
                assert!(rule.refusal(name).is_none(), "{name}");
            }
            for name in bad {
                assert!(rule.refusal(name).is_some(), "{name}");
            }
        }
    }
}
