//! A text with `{{ name }}` in it.

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Literal(String),
    /// `{{ name }}`: a variable of the application.
    Variable(String),
}

/// The parts of a template, or `None` where a `{{` has no `}}`.
pub(crate) fn parse(text: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((literal, after)) = rest.split_once("{{") {
        if !literal.is_empty() {
            parts.push(Part::Literal(literal.to_owned()));
        }
        let (name, after) = after.split_once("}}")?;
        parts.push(Part::Variable(name.trim().to_owned()));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest.to_owned()));
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_literals_and_variables() {
        let variable = |name: &str| Part::Variable(name.to_owned());
        let literal = |text: &str| Part::Literal(text.to_owned());
        for (text, parts) in [
            ("", vec![]),
            ("a } b", vec![literal("a } b")]),
            ("{{a}}", vec![variable("a")]),
            (
                "x-{{ a }}{{\tb }}",
                vec![literal("x-"), variable("a"), variable("b")],
            ),
            ("{{{ a }}}", vec![variable("{ a"), literal("}")]),
        ] {
            assert_eq!(parse(text), Some(parts), "{text}");
        }
        for text in ["{{ a", "{{", "{{ a }} {{ b }"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
