//! A `.env` file, read with the crate that Spin reads it with.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::finding::{Effect, Finding, Place};
use crate::input;

/// The file's variables.
pub(crate) struct DotEnv {
    pub(crate) path: PathBuf,
    pub(crate) variables: HashMap<String, SecretString>,
}

impl DotEnv {
    /// As for Spin, a file that cannot be opened has no variables, the last value of a
    /// name counts, and one bad line makes the whole file useless.
    pub(crate) fn read(path: &Path) -> Result<Self, Finding> {
        let bytes = match input::read(path) {
            Ok(bytes) => bytes,
            Err(error) if input::is_refused(&error) => {
                let message = format!("Spin cannot read this file of variables: {error}");
                let remedy = "name a file";
                return Err(Finding::of_file(path, Effect::FailsLater, message, remedy));
            }
            Err(_) => Vec::new(),
        };
        let mut variables = HashMap::new();
        for pair in dotenvy::from_read_iter(bytes.as_slice()) {
            let (name, value) = pair.map_err(|error| malformed(path, &bytes, &error))?;
            variables.insert(name, SecretString::from(value));
        }
        Ok(Self {
            path: path.to_owned(),
            variables,
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
        let remedy = "write NAME=value, or NAME='value' where the value has a blank, a quote, a \
                      `$` or a `#`";
        (lines(&bytes[..at]) + 1, "is not NAME=value", remedy)
    };
    let place = Place {
        file: path.to_owned(),
        line,
    };
    let message = format!("this line {reason}, so Spin finds none of the variables in this file");
    Finding::new(Some(place), Effect::FailsLater, message, remedy)
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
