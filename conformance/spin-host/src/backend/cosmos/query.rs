//! Conditions of Cosmos' SQL, as far as a key can make one out of what Spin pastes it
//! into.

use std::iter::Peekable;
use std::vec::IntoIter;

/// Reads a condition on documents; `None` where it is not SQL that is known here.
pub(super) fn parse(text: &str) -> Option<Condition> {
    let mut tokens = tokens(text)?.into_iter().peekable();
    let condition = either(&mut tokens)?;
    tokens.next().is_none().then_some(condition)
}

#[derive(Debug)]
pub(super) enum Condition {
    Either(Vec<Condition>),
    All(Vec<Condition>),
    Not(Box<Condition>),
    Equal(Term, Term),
    In(Term, Vec<Term>),
    Is(bool),
}

#[derive(Debug)]
pub(super) enum Term {
    /// `c.id`
    Id,
    /// A property that no document has.
    Undefined,
    Text(String),
    Number(String),
}

impl Condition {
    /// Whether it holds for the document of this id.
    pub(super) fn holds(&self, id: &str) -> bool {
        match self {
            Self::Either(parts) => parts.iter().any(|part| part.holds(id)),
            Self::All(parts) => parts.iter().all(|part| part.holds(id)),
            Self::Not(part) => !part.holds(id),
            Self::Equal(left, right) => left.equals(right, id),
            Self::In(term, list) => list.iter().any(|other| term.equals(other, id)),
            Self::Is(truth) => *truth,
        }
    }
}

impl Term {
    fn equals(&self, other: &Self, id: &str) -> bool {
        match (self.text(id), other.text(id)) {
            (Some(left), Some(right)) => left == right,
            _ => {
                matches!((self, other), (Self::Number(left), Self::Number(right)) if left == right)
            }
        }
    }

    fn text<'a>(&'a self, id: &'a str) -> Option<&'a str> {
        match self {
            Self::Id => Some(id),
            Self::Text(text) => Some(text),
            Self::Undefined | Self::Number(_) => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Text(String),
    Number(String),
    Word(String),
    Sign(char),
}

type Tokens = Peekable<IntoIter<Token>>;

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => {
                let (literal, length) = literal(rest, first)?;
                tokens.push(Token::Text(literal));
                length
            }
            '0'..='9' => {
                let length = run(rest, |c| c.is_ascii_digit());
                tokens.push(Token::Number(rest[..length].to_owned()));
                length
            }
            'a'..='z' | 'A'..='Z' | '_' => {
                let length = run(rest, |c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
                tokens.push(Token::Word(rest[..length].to_owned()));
                length
            }
            '=' | '(' | ')' | ',' => {
                tokens.push(Token::Sign(first));
                first.len_utf8()
            }
            _ => return None,
        };
        rest = rest[length..].trim_start();
    }
    Some(tokens)
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// A literal, without its quotes and escapes, and how many bytes it takes.
fn literal(text: &str, quote: char) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        if character == quote {
            return Some((value, at + character.len_utf8()));
        }
        if character != '\\' {
            value.push(character);
            continue;
        }
        value.push(match characters.next()?.1 {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let digits: String = characters.by_ref().take(4).map(|(_, c)| c).collect();
                char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?
            }
            same @ ('\'' | '"' | '\\' | '/') => same,
            _ => return None,
        });
    }
    None
}

fn take(tokens: &mut Tokens, sign: char) -> Option<()> {
    tokens.next_if_eq(&Token::Sign(sign)).map(drop)
}

fn take_word(tokens: &mut Tokens, word: &str) -> bool {
    let is =
        |token: &Token| matches!(token, Token::Word(found) if found.eq_ignore_ascii_case(word));
    tokens.next_if(is).is_some()
}

fn either(tokens: &mut Tokens) -> Option<Condition> {
    let mut parts = vec![all(tokens)?];
    while take_word(tokens, "OR") {
        parts.push(all(tokens)?);
    }
    Some(Condition::Either(parts))
}

fn all(tokens: &mut Tokens) -> Option<Condition> {
    let mut parts = vec![one(tokens)?];
    while take_word(tokens, "AND") {
        parts.push(one(tokens)?);
    }
    Some(Condition::All(parts))
}

fn one(tokens: &mut Tokens) -> Option<Condition> {
    if take_word(tokens, "NOT") {
        return Some(Condition::Not(Box::new(one(tokens)?)));
    }
    if take(tokens, '(').is_some() {
        let inner = either(tokens)?;
        take(tokens, ')')?;
        return Some(inner);
    }
    for (word, truth) in [("true", true), ("false", false)] {
        if take_word(tokens, word) {
            return Some(Condition::Is(truth));
        }
    }
    let term = term(tokens)?;
    if take_word(tokens, "IN") {
        take(tokens, '(')?;
        let mut list = vec![self::term(tokens)?];
        while take(tokens, ',').is_some() {
            list.push(self::term(tokens)?);
        }
        take(tokens, ')')?;
        return Some(Condition::In(term, list));
    }
    if take(tokens, '=').is_some() {
        return Some(Condition::Equal(term, self::term(tokens)?));
    }
    // A condition that is a text or a number holds for no document.
    Some(Condition::Is(false))
}

fn term(tokens: &mut Tokens) -> Option<Term> {
    Some(match tokens.next()? {
        Token::Text(text) => Term::Text(text),
        Token::Number(number) => Term::Number(number),
        Token::Word(word) if word == "c.id" => Term::Id,
        Token::Word(word) if word.starts_with("c.") => Term::Undefined,
        Token::Word(_) | Token::Sign(_) => return None,
    })
}
