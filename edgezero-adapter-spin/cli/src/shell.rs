//! Texts as `sh` reads them.

use std::str::Chars;

use super::say::is_control;

/// A text as one word of a command that is pasted; `instead` for a text that does not
/// fit on a line.
pub(super) fn word(text: &str, instead: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"%+,-./:=@_".contains(&byte);
    if text.contains(is_control) {
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
    let trimmed = line.trim_end_matches([' ', '\t', '\r', '\n']);
    let Scan { end, takes, .. } = scan(trimmed);
    if takes {
        return Ok(line.to_owned());
    }
    let reason = match end {
        _ if line.contains("$@") => {
            "has $@ only in a comment or between single quotes, where they would be lost".to_owned()
        }
        End::Word => return Ok(format!("{trimmed} \"$@\"")),
        End::Nothing => "is empty, and they would be a command of their own".to_owned(),
        End::Operator(sign) => {
            format!("ends in `{sign}`, after which they would be a command of their own")
        }
        End::Comment => "ends in a comment, in which they would be lost".to_owned(),
        End::Compound(word) => {
            format!("has `{word}`, so that what is added at its end is no argument of a command")
        }
        End::Open => "ends in the middle of a word".to_owned(),
    };
    Err(reason)
}

/// What a command line ends in.
#[derive(Default)]
enum End {
    #[default]
    Nothing,
    Word,
    /// What a command or a file's name has to follow.
    Operator(char),
    Comment,
    /// The line is more than a list of simple commands.
    Compound(String),
    /// A quote that is not closed, or a `\`.
    Open,
}

/// Words that are the shell's own where a command's name stands.
const COMPOUND: [&str; 16] = [
    "case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "then", "until",
    "while", "{", "}", "[[",
];

/// What is known of a line up to a place in it.
#[derive(Default)]
struct Scan {
    end: End,
    /// Whether it takes the arguments itself.
    takes: bool,
    /// The word that the place is in, without its quotes.
    word: Option<String>,
    /// Whether the command at the place has its name.
    is_named: bool,
    compound: Option<String>,
}

impl Scan {
    fn word(&mut self) -> &mut String {
        self.end = End::Word;
        self.word.get_or_insert_default()
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take() {
            if !self.is_named && COMPOUND.contains(&&*word) {
                self.compound.get_or_insert(word);
            }
            self.is_named = true;
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        self.is_named = false;
    }
}

/// Quotes within `$(…)` within quotes are not followed: at worst, arguments are refused.
fn scan(line: &str) -> Scan {
    let mut scan = Scan::default();
    // How many `$(` are open: what is in them is part of a word.
    let mut depth = 0_usize;
    let mut before = ' ';
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        let closed = match c {
            '#' if is_blank(before) || is_operator(before) => {
                if !rest.any(|c| c == '\n') {
                    scan.end = End::Comment;
                    break;
                }
                scan.end_command();
                before = '\n';
                continue;
            }
            '\\' => match rest.next() {
                // It joins two lines.
                Some('\n') => continue,
                Some(_) => {
                    scan.word().push(c);
                    true
                }
                None => false,
            },
            '\'' => {
                scan.word().push(c);
                rest.any(|c| c == '\'')
            }
            '"' => {
                scan.word().push(c);
                close(&mut rest, &mut scan.takes)
            }
            '(' if before == '$' || depth > 0 => {
                depth += 1;
                true
            }
            ')' if depth > 0 => {
                depth -= 1;
                true
            }
            '(' | ')' => {
                scan.compound.get_or_insert(c.into());
                true
            }
            '<' if before == '<' && depth == 0 => {
                scan.compound.get_or_insert("<<".into());
                true
            }
            _ if depth > 0 => {
                scan.takes |= c == '$' && is_arguments(rest.as_str());
                true
            }
            '\n' => {
                scan.end_command();
                true
            }
            _ if is_blank(c) => {
                scan.end_word();
                true
            }
            '<' | '>' => {
                scan.end_word();
                scan.end = End::Operator(c);
                true
            }
            _ if is_operator(c) => {
                scan.end_command();
                scan.end = End::Operator(c);
                true
            }
            '!' if scan.word.is_none() => {
                scan.end = End::Operator(c);
                true
            }
            _ => {
                scan.takes |= c == '$' && is_arguments(rest.as_str());
                scan.word().push(c);
                true
            }
        };
        before = c;
        if !closed {
            scan.end = End::Open;
            return scan;
        }
    }
    scan.end_word();
    match scan.compound.take() {
        _ if depth > 0 => scan.end = End::Open,
        Some(word) => scan.end = End::Compound(word),
        None => {}
    }
    scan
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_operator(c: char) -> bool {
    matches!(c, ';' | '&' | '|' | '<' | '>' | '(' | ')')
}

/// Whether all arguments are what follows a `$`.
fn is_arguments(rest: &str) -> bool {
    rest.trim_start_matches('{').starts_with(['@', '*'])
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
fn close(rest: &mut Chars<'_>, takes: &mut bool) -> bool {
    while let Some(c) = rest.next() {
        match c {
            '"' => return true,
            '\\' => {
                rest.next();
            }
            '$' => *takes |= is_arguments(rest.as_str()),
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
    fn arguments_are_added_only_where_they_are_arguments_of_a_command() {
        for line in [
            "spin deploy",
            "a; b && c | d",
            "spin deploy --app $(cat name)",
            "echo $(echo 'a)' \"b)\" # c\n)",
            "echo \"$(cat x)\" $# ${x#y} if then",
            "A=1 if",
            "echo a#b; 'if' x",
            "! spin deploy",
            "# first\nspin deploy",
            "spin \\\n deploy",
            "echo >a b",
            "exec spin deploy",
        ] {
            assert_eq!(with_arguments(line), Ok(format!("{line} \"$@\"")), "{line}");
        }
        for line in [
            "spin deploy \"$@\"",
            "spin deploy $@ # the \"$@\"",
            "for a in \"$@\"; do echo $a; done",
            "echo \"${@}\" 'x'",
            "spin deploy \"$*\"",
            "spin deploy $(echo \"$@\")",
            "if true; then spin deploy \"$@\"; fi",
            "cat <<E\n$@\nE",
        ] {
            assert_eq!(with_arguments(line), Ok(line.to_owned()), "{line}");
        }
        for (line, reason) in [
            ("spin deploy # \"$@\"", "only in a comment"),
            ("# \"$@\"\nspin deploy", "only in a comment"),
            ("echo '$@' ", "single quotes"),
            ("sh -c 'spin deploy \"$@\"'", "single quotes"),
            ("echo \\$@", "single quotes"),
            ("if true; then spin deploy; fi", "`if`"),
            ("for a in b; do echo $a; done", "`for`"),
            ("true && while x; do y; done", "`while`"),
            ("# a\nif b; then c; fi", "`if`"),
            ("{ spin deploy; }", "`{`"),
            ("(spin deploy)", "`(`"),
            ("f() x", "`(`"),
            ("cat <<E\nspin deploy\nE", "`<<`"),
            ("spin deploy $(cat", "middle of a word"),
            ("spin deploy #", "ends in a comment"),
            ("spin deploy 2>", "`>`"),
            ("spin deploy &", "`&`"),
            ("!", "`!`"),
        ] {
            let refused = with_arguments(line).unwrap_err();
            assert!(refused.contains(reason), "{line}: {refused}");
        }
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
