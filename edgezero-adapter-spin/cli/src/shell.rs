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

/// The simple commands of a line, each as its words. Assignments before a command, and
/// words of the shell itself such as `if` and `exec`, are left out. What stands within
/// `$(…)` is part of its word.
pub(super) fn commands(line: &str) -> Vec<Vec<String>> {
    let mut commands: Vec<Vec<String>> = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '(' | ')' => {
                end_word(&mut commands, &mut word);
                if !matches!(c, ' ' | '\t') {
                    commands.push(Vec::new());
                }
            }
            '#' if word.is_none() => while rest.next_if(|c| *c != '\n').is_some() {},
            '\\' => match rest.next() {
                // It joins two lines.
                None | Some('\n') => {}
                Some(c) => word.get_or_insert_default().push(c),
            },
            '\'' => word
                .get_or_insert_default()
                .extend(rest.by_ref().take_while(|c| *c != '\'')),
            '"' => {
                let word = word.get_or_insert_default();
                while let Some(c) = rest.next() {
                    match c {
                        '"' => break,
                        '\\' => word.extend(rest.next()),
                        c => word.push(c),
                    }
                }
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    end_word(&mut commands, &mut word);
    commands.retain(|command| !command.is_empty());
    commands
}

/// What may stand before a command's name.
const BEFORE: [&str; 15] = [
    "!", "{", "}", "command", "do", "done", "elif", "else", "env", "exec", "fi", "if", "then",
    "time", "while",
];

fn end_word(commands: &mut [Vec<String>], word: &mut Option<String>) {
    let (Some(word), Some(command)) = (word.take(), commands.last_mut()) else {
        return;
    };
    let is_assignment = word.split_once('=').is_some_and(|(name, _)| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        !name.is_empty() && name.chars().all(is_part)
    });
    if command.is_empty() && (is_assignment || BEFORE.contains(&word.as_str())) {
        return;
    }
    command.push(word);
}

/// Whether a simple command runs `program`, which may have a path, with `first` as its
/// first arguments beside options.
pub(super) fn runs(command: &[String], program: &str, first: &[&str]) -> bool {
    let mut words = command.iter();
    let name = words.next().and_then(|word| word.rsplit('/').next());
    let arguments = words.filter(|word| !word.starts_with('-'));
    name == Some(program) && arguments.take(first.len()).eq(first)
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
    fn the_commands_of_a_line_are_found() {
        for line in [
            "spin deploy",
            "  spin   deploy --from x",
            "cd a && /usr/bin/spin cloud deploy",
            "SPIN_X='a b' spin --quiet deploy;",
            "if true; then spin deploy; fi",
            "echo a#b; exec spin deploy # later",
            "cargo test\nspin \\\n deploy",
            "\"spin\" 'deploy'",
            "(spin deploy)",
        ] {
            assert!(deploys(line), "{line}");
        }
        for line in [
            "",
            "# use spin deploy later",
            "echo spin deploy",
            "echo 'a; spin deploy'",
            "rsync a b # not spin deploy",
            "my-spin deploy",
            "spin registry push deploy",
            "spin build; deploy",
            "spindeploy",
        ] {
            assert!(!deploys(line), "{line}");
        }
    }

    fn deploys(line: &str) -> bool {
        let commands = commands(line);
        commands.iter().any(|command| {
            runs(command, "spin", &["deploy"]) || runs(command, "spin", &["cloud", "deploy"])
        })
    }

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
