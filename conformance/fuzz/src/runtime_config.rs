//! Spin's runtime config: it says where a label is kept, or is refused.

use std::path::Path;

use edgezero_cli::fuzzing;

use crate::input;

/// Takes a label, two parts of a login, and the text of a runtime config in which
/// `@url@` stands for a URL with a password.
pub fn target(data: &[u8]) {
    let Some([label, user, host, text]) = input::texts(data) else {
        return;
    };
    let url = format!("redis://{user}:{PASSWORD}@{host}");
    let quoted = toml_edit::Value::from(url.as_str()).to_string();
    let text = text.replace("@url@", &quoted);
    let folder = Path::new("/app");
    let kept = match fuzzing::kept(&text, folder, label) {
        Ok(kept) => kept,
        Err(error) => {
            let error = format!("{error:#}");
            assert!(!error.contains(PASSWORD), "{error}");
            return;
        }
    };
    let lines = text.matches('\n').count() + 1;
    assert!((1..=lines).contains(&kept.line), "line {}", kept.line);
    if let Some(file) = kept.file {
        assert!(file.is_absolute(), "{}", file.display());
        assert_ne!(file, folder);
    }
    if let Some(advice) = kept.advice
        && text.contains(&quoted)
        // Where the user's own name does not have it.
        && !user.contains(PASSWORD)
    {
        assert!(!advice.contains(PASSWORD), "{advice}");
    }
}

const PASSWORD: &str = "planted_5ecret";
