//! A `.env` file, read with the crate that Spin reads it with.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::finding::{Effect, Finding, Place};
use crate::input;

/// The file's variables.
pub(crate) struct DotEnv {
    pub(crate) path: PathBuf,
    pub(crate) variables: HashMap<String, SecretString>,
    /// Why Spin finds none in it, though the file is there: it may not be opened.
    pub(crate) closed: Option<Finding>,
}

impl DotEnv {
    /// As for Spin, a file that cannot be opened has no variables, the last value of a
    /// name counts, and one bad line makes the whole file useless.
    pub(crate) fn read(path: &Path) -> Result<Self, Finding> {
        let about = |message, remedy| Finding::of_file(path, Effect::FailsLater, message, remedy);
        let (bytes, closed) = match input::read(path) {
            Ok(bytes) => (bytes, None),
            Err(error) if input::is_refused(&error) => {
                let message = format!("Spin cannot read this file of variables: {error}");
                return Err(about(message, "put a file of text there, or remove it"));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => (Vec::new(), None),
            Err(error) => {
                let message = format!(
                    "Spin cannot open this file of variables and starts without them: {error}"
                );
                let remedy = "let the user that runs Spin read it";
                (Vec::new(), Some(about(message, remedy)))
            }
        };
        let mut variables = HashMap::new();
        for pair in dotenvy::from_read_iter(bytes.as_slice()) {
            let (name, value) = pair.map_err(|error| malformed(path, &bytes, &error))?;
            variables.insert(name, SecretString::from(value));
        }
        Ok(Self {
            path: path.to_owned(),
            variables,
            closed,
        })
    }
}

/// dotenvy's own message quotes the line, and with it the secret.
fn malformed(path: &Path, bytes: &[u8], error: &dotenvy::Error) -> Finding {
    let (line, reason, remedy) = if bytes.starts_with(b"\xef\xbb\xbf") {
        let remedy = "save the file without a byte order mark";
        (1, "begins with a byte order mark", remedy)
    } else if let Err(error) = std::str::from_utf8(bytes) {
        let valid = &bytes[..error.valid_up_to()];
        (
            lines(valid) + 1,
            "is not UTF-8 text",
            "save the file as UTF-8",
        )
    } else {
        let at = match error {
            dotenvy::Error::LineParse(text, _) => find(bytes, text.as_bytes()),
            _ => 0,
        };
        let (reason, remedy) = match is_name(line_at(bytes, at)) {
            false => (
                "has a name that no variable can have",
                "begin the name with a letter or `_`, and write it with letters, digits, `_` and \
                 `.` only",
            ),
            true => (
                "is not NAME=value",
                "write NAME=value, or NAME='value' where the value has a blank, a quote, a `$` or \
                 a `#`",
            ),
        };
        (lines(&bytes[..at]) + 1, reason, remedy)
    };
    let place = Place {
        file: path.to_owned(),
        line,
    };
    let message = format!("this line {reason}, so Spin finds none of the variables in this file");
    Finding::new(Some(place), Effect::FailsLater, message, remedy)
}

/// The line that the byte at `at` is in.
fn line_at(bytes: &[u8], at: usize) -> &[u8] {
    let is_break = |byte: &u8| *byte == b'\n';
    let start = bytes[..at].iter().rposition(is_break);
    let line = &bytes[start.map_or(0, |before| before + 1)..];
    line.split(is_break).next().unwrap_or(line)
}

/// Whether what is before the `=` of a line can be a name, or there is none.
fn is_name(line: &[u8]) -> bool {
    let Some(end) = line.iter().position(|byte| *byte == b'=') else {
        return true;
    };
    let name = line[..end].trim_ascii();
    let exported = name.strip_prefix(b"export ").map(<[u8]>::trim_ascii_start);
    let name = exported.unwrap_or(name);
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    let first = name.first();
    first.is_none_or(|first| first.is_ascii_alphabetic() || *first == b'_')
        && name.iter().all(is_part)
}

fn lines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

fn find(bytes: &[u8], text: &[u8]) -> usize {
    let text = text.trim_ascii();
    if text.is_empty() {
        return 0;
    }
    let windows = bytes.windows(text.len());
    windows
        .enumerate()
        .find(|(_, window)| *window == text)
        .map_or(0, |(at, _)| at)
}
