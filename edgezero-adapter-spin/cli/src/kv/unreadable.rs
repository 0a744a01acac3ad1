//! Keys that are not UTF-8, which only a foreign program writes: no app can name them.

use std::path::Path;

use edgezero_store_traits::Label;

use crate::say;
use crate::shell;

/// How many of them a message names.
const NAMED: usize = 10;

/// Warns that a command has passed over `keys`, and says how they are removed.
pub(crate) fn say(keys: &[Vec<u8>], label: &Label, file: &Path) -> anyhow::Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    let named = keys.iter().take(NAMED).map(|key| {
        let digits: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("CAST(x'{digits}' AS TEXT)")
    });
    let named: Vec<_> = named.collect();
    let first = if keys.len() > NAMED {
        format!(" the first {NAMED} of")
    } else {
        String::new()
    };
    Ok(say::err(format_args!(
        "warning: left out {} key(s) of the label {label} in {} that are not UTF-8: no app can read \
         them, and Spin cannot list the label. Remove{first} them with:\n\n  sqlite3 {} \"DELETE FROM \
         spin_key_value WHERE store = '{label}' AND key IN ({})\"\n",
        keys.len(),
        file.display(),
        shell::word(&file.display().to_string(), "<file>"),
        named.join(", ")
    ))?)
}
