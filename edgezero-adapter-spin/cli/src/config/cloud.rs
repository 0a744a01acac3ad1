//! Fermyon Cloud, by its command line: `spin cloud key-value set`.

use std::ops::Range;
use std::path::Path;
use std::process::Stdio;

use anyhow::bail;
use edgezero_store_traits::Label;

use super::values::Pair;
use crate::program;
use crate::project::Project;
use crate::say;
use crate::shell;

/// How many bytes of pairs one call carries. Linux takes 128 KiB in one argument,
/// and some systems little more in all.
const MAX_CALL_BYTES: usize = 96 * 1024;

/// What one call sets.
pub(super) struct Chunk<'a> {
    pairs: &'a [Pair],
}

impl Chunk<'_> {
    fn keys(&self) -> String {
        let keys: Vec<&str> = self.pairs.iter().map(|pair| pair.key.as_str()).collect();
        keys.join(", ")
    }
}

/// Parts the pairs, which `file` has, into calls; one that no call can carry is refused
/// before any.
pub(super) fn chunks<'a>(pairs: &'a [Pair], file: &Path) -> anyhow::Result<Vec<Chunk<'a>>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut room = 0;
    for (n, pair) in pairs.iter().enumerate() {
        // With the sign between, and the end of the argument.
        let size = pair.key.len() + pair.text.len() + 2;
        let place = || format!("{}: line {}", file.display(), pair.line);
        if pair.key.contains('=') {
            bail!(
                "{}: the key {:?} has a '=', where `spin cloud key-value set` parts key and \
                 value; nothing was set. Rename the key",
                place(),
                pair.key
            );
        }
        if pair.key.starts_with('-') {
            bail!(
                "{}: the key {:?} would be an option to `spin cloud key-value set`; nothing \
                 was set. Rename the key",
                place(),
                pair.key
            );
        }
        if pair.text.contains('\0') {
            bail!(
                "{}: the value of {} has a NUL, which no argument of a program can; nothing \
                 was set",
                place(),
                pair.key
            );
        }
        if size > MAX_CALL_BYTES {
            bail!(
                "{}: the key {} and its value are {size} bytes, and `spin cloud key-value \
                 set` takes up to {MAX_CALL_BYTES} of them here; nothing was set",
                place(),
                pair.key
            );
        }
        match ranges.last_mut() {
            Some(last) if size <= room => {
                last.end = n + 1;
                room -= size;
            }
            _ => {
                ranges.push(n..n + 1);
                room = MAX_CALL_BYTES - size;
            }
        }
    }
    let ranges = ranges.into_iter();
    Ok(ranges
        .map(|range| Chunk {
            pairs: &pairs[range],
        })
        .collect())
}

/// One call for each chunk, in their order, until one fails.
pub(super) fn set(
    project: &Project,
    app: &str,
    label: &Label,
    chunks: &[Chunk<'_>],
) -> anyhow::Result<()> {
    for (n, chunk) in chunks.iter().enumerate() {
        project.note(|| format!("setting by `spin cloud key-value set`: {}", chunk.keys()));
        let mut command = program::spin();
        command
            .args(["cloud", "key-value", "set", "--app", app, "--label"])
            .arg(label.as_str())
            .args(chunk.pairs.iter().map(|p| format!("{}={}", p.key, p.text)))
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let output = command
            .output()
            .map_err(|error| program::missing(&command, error))?;
        if output.status.success() {
            continue;
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let mut message = format!(
            "`spin cloud key-value set` failed for the label {label} of the app {}: {}",
            say::part(app),
            advice(&said, app, label)
        );
        let reason = without_values(&said, chunk);
        if !reason.is_empty() {
            message.push_str(&format!("\nspin said: {reason}"));
        }
        let list = |chunks: &[Chunk<'_>]| match chunks {
            [] => "none".to_owned(),
            some => {
                let keys: Vec<String> = some.iter().map(Chunk::keys).collect();
                keys.join(", ")
            }
        };
        bail!(
            "{message}\ncommitted: {}\nfailed (some of them may be set): {}\nnot tried: {}\nA push \
             that is run again sets them all",
            list(&chunks[..n]),
            chunk.keys(),
            list(&chunks[n + 1..])
        );
    }
    Ok(())
}

/// What to do about it.
fn advice(said: &str, app: &str, label: &Label) -> String {
    let said = said.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|words| said.contains(words));
    if has(&[
        "log in",
        "login",
        "logged in",
        "unauthorized",
        "expired token",
    ]) {
        "you are not logged in. Run `edgezero auth login`".to_owned()
    } else if has(&["found with label", "not linked", "no key value store"]) {
        format!(
            "no store is linked to that label. Run `spin cloud link key-value --app {} --store \
             <store> {label}`",
            shell::word(app, "<app>")
        )
    } else if has(&[
        "unrecognized subcommand",
        "unknown subcommand",
        "not a known command",
    ]) {
        "spin has no plugin for the cloud. Run `spin plugins install cloud`".to_owned()
    } else {
        "see what it said".to_owned()
    }
}

/// spin's own message quotes the pair that failed.
fn without_values(said: &str, chunk: &Chunk<'_>) -> String {
    let mut said = said.trim().to_owned();
    for pair in chunk.pairs {
        if !pair.text.is_empty() {
            let quoted = format!("{}={}", pair.key, pair.text);
            said = said.replace(&quoted, &format!("{}=…", pair.key));
            // Where it is long enough to be no part of a common word.
            if pair.text.len() > 3 {
                said = said.replace(&pair.text, "…");
            }
        }
    }
    said
}
