//! `edgezero kv`: a look into a store of this machine.

mod shown;
pub(super) mod unreadable;

use std::io::{IsTerminal, Read};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use bytes::Bytes;
use edgezero_store_sqlite::{SqliteFile, SqliteKvStore, Stored};
use edgezero_store_traits::kv::{cursor, limits};
use edgezero_store_traits::store_label::StoreKind;
use edgezero_store_traits::{KvHandle, KvStore};

use self::shown::Shown;
use super::arguments::{Kv, KvCommand};
use super::document::is_there;
use super::project::{Project, store_of};
use super::say;
use super::spin::Spin;
use super::store::{self, Resolved};

pub(super) fn run(project: &Project, arguments: Kv) -> anyhow::Result<ExitCode> {
    let spin = Spin::read(project, &arguments.files)?;
    let Resolved { label, .. } = resolve(project, &spin, arguments.store.as_deref())?;
    let path = store::local(
        project,
        &spin,
        &label,
        &arguments.files,
        arguments.allow_outside,
    )?;
    project.note(|| format!("the label {label} is in {}", path.display()));
    let writes = matches!(arguments.command, KvCommand::Set { .. });
    if !writes && !is_there(&path)? {
        bail!(
            "there is no {} yet: nothing was written to the store {label:?} on this machine",
            path.display(),
            label = label.as_str()
        );
    }
    let reads = matches!(
        arguments.command,
        KvCommand::Get { .. } | KvCommand::List { .. }
    );
    let file = if reads {
        SqliteFile::open_read_only(&path)?
    } else {
        SqliteFile::open(&path)?
    };
    // A person looks at page after page: the app's cap is not theirs.
    let store = file.kv_with_max_list_keys(label.as_str(), 0)?;
    let runtime = runtime()?;
    match arguments.command {
        KvCommand::Get { key, hex, output } => {
            let value = runtime.block_on(value_under(&store, &key))?;
            let value = value.with_context(|| {
                let (label, file) = (label.as_str(), path.display());
                format!("the store {label:?} in {file} has no key {key:?}")
            })?;
            get(&value, hex, output.as_deref())?;
        }
        KvCommand::Set {
            key,
            value,
            hex,
            input,
            json,
        } => {
            let value = value_of(value, hex, input.as_deref())?;
            limits::check_value(&key, &value)?;
            if json {
                check_json(&value)?;
            }
            let length = value.len();
            let handle = KvHandle::new(Arc::new(store));
            runtime.block_on(handle.put_bytes(&key, value))?;
            let file = path.display();
            say::err(format_args!("{key}: {length} bytes, in {file}"))?;
        }
        KvCommand::List {
            prefix,
            limit,
            cursor,
            values,
        } => {
            let position = cursor.map(|cursor| cursor::open(&prefix, &cursor));
            let position = position.transpose()?;
            let store = store.skip_unreadable_keys();
            // By the store itself, as a prefix may be any text that a key may be.
            let page = store.list_keys_page(&prefix, position.as_deref(), limit);
            let page = runtime.block_on(page)?;
            unreadable::say(&store.skipped_keys(), &label, &path)?;
            let found = if values {
                let keys: Vec<&str> = page.keys.iter().map(String::as_str).collect();
                runtime.block_on(store.look(&keys))?
            } else {
                Vec::new()
            };
            print(&page.keys, &found)?;
            if let Some(position) = page.cursor {
                let cursor = cursor::seal(&prefix, &position);
                say::err(format_args!("there are more: --cursor {cursor}"))?;
            }
        }
        // By the store itself, which takes any key that Spin does.
        KvCommand::Delete { key } => runtime.block_on(store.delete(&key))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The value of any key that Spin can store, also one that the app's handles refuse.
async fn value_under(store: &SqliteKvStore, key: &str) -> anyhow::Result<Option<Bytes>> {
    match store.look(&[key]).await?.pop() {
        Some(Stored::Value(value)) => Ok(Some(value)),
        None | Some(Stored::Missing) => Ok(None),
        // Its error says what to do.
        Some(Stored::NotABlob) => Ok(store.get_bytes(key).await?),
    }
}

pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .context("cannot start tokio's runtime")
}

/// `--store` is looked for among the key-value stores first.
fn resolve(project: &Project, spin: &Spin, told: Option<&str>) -> anyhow::Result<Resolved> {
    let stores = &project.manifest.stores;
    for (kind, ids) in [
        (StoreKind::Kv, &stores.kv),
        (StoreKind::Config, &stores.config),
    ] {
        if let Some(id) = ids.as_ref().and_then(|ids| store_of(ids, told)) {
            return store::resolve(kind, &id, spin);
        }
    }
    let known = [&stores.kv, &stores.config];
    let known = known.into_iter().flatten().flat_map(|ids| &ids.ids);
    let known: Vec<_> = known.map(String::as_str).collect();
    bail!(
        "{}: there is no store {:?}; the app has: {}",
        project.document.path().display(),
        told.unwrap_or("default"),
        known.join(", ")
    )
}

/// Keys, one a line, each with its value where `values` has them.
fn print(keys: &[String], values: &[Stored]) -> anyhow::Result<()> {
    // As `ls` does it: a program reads them as they are.
    let is_terminal = std::io::stdout().is_terminal();
    let mut lines = Vec::new();
    for (n, key) in keys.iter().enumerate() {
        if is_terminal && key.is_empty() {
            lines.extend_from_slice(b"\"\"");
        } else if is_terminal {
            lines.extend_from_slice(say::part(key).as_bytes());
        } else {
            lines.extend_from_slice(key.as_bytes());
        }
        match values.get(n) {
            Some(Stored::Value(value)) if is_terminal => {
                let value = Shown::of(value).in_line(value.len());
                lines.extend_from_slice(format!(" = {value}").as_bytes());
            }
            Some(Stored::Value(value)) => {
                lines.push(b'\t');
                lines.extend_from_slice(value);
            }
            Some(Stored::NotABlob) if is_terminal => {
                lines.extend_from_slice(b" = (a value that Spin cannot read)");
            }
            // Deleted since the keys were listed, or not asked for.
            _ => {}
        }
        lines.push(b'\n');
    }
    Ok(say::bytes(&lines)?)
}

fn get(value: &[u8], hex: bool, output: Option<&Path>) -> anyhow::Result<()> {
    match output {
        Some(path) if path == Path::new("-") => return Ok(say::bytes(value)?),
        Some(path) => {
            return std::fs::write(path, value)
                .with_context(|| format!("cannot write {}", path.display()));
        }
        None => {}
    }
    if hex {
        let digits: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
        return Ok(say::bytes(format!("{digits}\n").as_bytes())?);
    }
    if !std::io::stdout().is_terminal() {
        // Byte for byte: a program reads it.
        return Ok(say::bytes(value)?);
    }
    match Shown::of(value) {
        Shown::Json(json) => say::json(&json)?,
        Shown::Text(text) => say::bytes(format!("{}\n", say::in_direction(text)).as_bytes())?,
        Shown::Counter(count) => say::out(format_args!("{count}"))?,
        Shown::Bytes => bail!(
            "the value is not text: {} bytes. Print it with --hex, or write it to a file with \
             --output FILE",
            value.len()
        ),
    }
    Ok(())
}

/// The error says where the text stops being JSON, and does not show it.
fn check_json(value: &[u8]) -> anyhow::Result<()> {
    let read: Result<serde_json::Value, _> = serde_json::from_slice(value);
    read.map(|_| ()).map_err(|error| {
        anyhow::anyhow!(
            "the value is not JSON: see its line {}, column {}; a text is in double quotes",
            error.line(),
            error.column()
        )
    })
}

fn value_of(
    text: Option<String>,
    hex: Option<String>,
    input: Option<&Path>,
) -> anyhow::Result<Bytes> {
    Ok(match (text, hex, input) {
        (_, Some(digits), _) => unhex(&digits)?.into(),
        (_, _, Some(path)) if path == Path::new("-") => {
            read(std::io::stdin().lock()).context("cannot read the standard input")?
        }
        (_, _, Some(path)) => std::fs::File::open(path)
            .and_then(read)
            .with_context(|| format!("cannot read {}", path.display()))?,
        (text, None, None) => text.unwrap_or_default().into(),
    })
}

/// All of an input, or so much of an endless one that it is too long for a value.
fn read(input: impl Read) -> std::io::Result<Bytes> {
    let mut value = Vec::new();
    let up_to = u64::try_from(limits::MAX_VALUE_BYTES + 1).unwrap_or(u64::MAX);
    input.take(up_to).read_to_end(&mut value)?;
    Ok(value.into())
}

fn unhex(digits: &str) -> anyhow::Result<Vec<u8>> {
    let digits = digits.as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let bytes = digits.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
        _ => None,
    });
    let bytes: Option<Vec<u8>> = bytes.collect();
    bytes.context("--hex takes pairs of hexadecimal digits: 00ff")
}
