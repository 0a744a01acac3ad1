//! Texts as `sh` reads them.

use std::str::Chars;

/// A text as one word of a command that is pasted; `instead` for a text that does not
/// fit on a line.
pub(super) fn word(text: &str, instead: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"%+,-./:=@_".contains(&byte);
    if text.contains(char::is_control) {
        instead.to_owned()
    } else if !text.is_empty() && text.bytes().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// `line` with the arguments of `sh` itself: where it has `"$@"`, or else at its end.
///
/// # Errors
/// Why they would be no arguments there.
pub(super) fn with_arguments(line: &str) -> Result<String, String> {
    if line.contains("$@") {
        return Ok(line.to_owned());
    }
    let line = line.trim_end_matches([' ', '\t', '\r', '\n']);
    let reason = match end(line) {
        End::Word => return Ok(format!("{line} \"$@\"")),
        End::Nothing => "is empty, and they would be a command of their own".to_owned(),
        End::Operator(sign) => {
            format!("ends in `{sign}`, after which they would be a command of their own")
        }
        End::Comment => "ends in a comment, in which they would be lost".to_owned(),
        End::Open => "ends in the middle of a word".to_owned(),
    };
    Err(reason)
}

/// What a command line ends in.
enum End {
    Nothing,
    Word,
    /// What a command or a file's name has to follow.
    Operator(char),
    Comment,
    /// A quote that is not closed, or a `\`.
    Open,
}

/// Quotes within `$(…)` within quotes are not followed: at worst, arguments are refused.
fn end(line: &str) -> End {
    let mut end = End::Nothing;
    let mut in_word = false;
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        let closed = match c {
            ' ' | '\t' | '\r' | '\n' => {
                in_word = false;
                continue;
            }
            ';' | '&' | '|' | '<' | '>' | '(' => {
                in_word = false;
                end = End::Operator(c);
                continue;
            }
            '!' if !in_word => {
                in_word = true;
                end = End::Operator(c);
                continue;
            }
            '#' if !in_word => {
                if !rest.any(|c| c == '\n') {
                    return End::Comment;
                }
                continue;
            }
            '\\' => rest.next().is_some(),
            '\'' => rest.any(|c| c == '\''),
            '"' => close(&mut rest),
            _ => true,
        };
        if !closed {
            return End::Open;
        }
        in_word = true;
        end = End::Word;
    }
    end
}

/// Goes to the end of a text in double quotes, where it has one.
fn close(rest: &mut Chars<'_>) -> bool {
    while let Some(c) = rest.next() {
        match c {
            '"' => return true,
            '\\' => {
                rest.next();
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one_to_the_shell() {
        for (text, quoted) in [
            ("redis://h:6379/2", "redis://h:6379/2"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", "'it'\\''s'"),
            ("$(x) `x` \\ \"x\" ~ * ! #", "'$(x) `x` \\ \"x\" ~ * ! #'"),
            ("größe", "'größe'"),
            ("a\nb", "<text>"),
            ("\u{9b}2J", "<text>"),
        ] {
            assert_eq!(word(text, "<text>"), quoted);
        }
    }
}
