//! Several texts in one input.

/// A line that ends one text and begins the next, so that a person can write an input.
const BORDER: &str = "\n=====\n";

/// The first `N` texts of an input, of which what is missing is empty; `None` where it
/// is no text, which no reader passes on.
pub(crate) fn texts<const N: usize>(data: &[u8]) -> Option<[&str; N]> {
    let mut parts = std::str::from_utf8(data).ok()?.splitn(N, BORDER);
    Some(std::array::from_fn(|_| parts.next().unwrap_or_default()))
}

/// The `NAME=value` lines of a text.
pub(crate) fn variables(text: &str) -> Vec<(&str, &str)> {
    text.lines()
        .filter_map(|line| line.split_once('='))
        .collect()
}
