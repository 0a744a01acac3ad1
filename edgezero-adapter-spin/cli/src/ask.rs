//! A question to the person at the terminal.

use std::io::IsTerminal;

use anyhow::Context;

use super::say;

/// Whether a person reads what is said and can answer.
pub(super) fn is_possible() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// Whether the person says yes. Anything else, and the end of the input, is a no.
pub(super) fn yes(question: &str) -> anyhow::Result<bool> {
    say::bytes(format!("{} [y/N] ", say::lines(question)).as_bytes())?;
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .context("cannot read the answer")?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}
