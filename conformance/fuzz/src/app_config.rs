//! An app's configuration and the variables over it: keys and texts that a store takes,
//! or findings that name a line and tell no value.

use edgezero_cli::flat::{self, FlatPair};
use edgezero_store_traits::AppConfig;
use edgezero_store_traits::kv::limits;

use crate::input;

#[derive(AppConfig)]
#[allow(dead_code, reason = "only its description is used")]
struct Settings {
    greeting: String,
    service: Service,
    #[secret]
    api_key: Option<String>,
    #[config(json)]
    rules: Option<Vec<Rule>>,
}

#[derive(AppConfig)]
#[allow(dead_code, reason = "only its description is used")]
struct Service {
    timeout_ms: u32,
    ratio: Option<f64>,
    live: Option<bool>,
    sign: Option<char>,
    hosts: Option<Vec<String>>,
}

#[derive(serde::Deserialize)]
#[allow(dead_code, reason = "only its description is used")]
struct Rule {
    path: String,
    allow: bool,
}

const APP: &str = "shop";

/// What a variable holds whose value is `@secret@`.
const PLANTED: &str = "planted_5ecret";

/// Takes lines of variables, and the text of a configuration.
pub fn target(data: &[u8]) {
    let Some([variables, text]) = input::texts(data) else {
        return;
    };
    let mut variables = input::variables(variables);
    for (_, value) in &mut variables {
        if *value == "@secret@" {
            *value = PLANTED;
        }
    }
    let tells =
        !variables.iter().any(|(name, _)| name.contains(PLANTED)) && !text.contains(PLANTED);
    for typed in [false, true] {
        let over = variables
            .iter()
            .map(|(name, value)| (name.into(), value.into()));
        let flat = if typed {
            flat::flatten_typed::<Settings>(text, APP, over)
        } else {
            flat::flatten(text, APP, over)
        };
        let Ok(flat) = flat else {
            return;
        };
        let lines = text.matches('\n').count() + 1;
        let mut failed = false;
        for problem in flat.problems {
            let (line, message) = (problem.line, problem.message);
            assert!((1..=lines).contains(&line), "line {line}: {message}");
            assert!(!(tells && message.contains(PLANTED)), "{message}");
            failed |= problem.is_error;
        }
        let mut keys = std::collections::HashSet::new();
        for FlatPair {
            key, text, line, ..
        } in &flat.pairs
        {
            assert!((1..=lines).contains(line), "line {line}: {key:?}");
            assert!(limits::check_key(key).is_ok(), "{key:?}");
            assert!(limits::check_value(key, text.as_bytes()).is_ok());
            assert!(keys.insert(key) || failed, "{key:?} twice, and no finding");
        }
        if !failed {
            pushed_again(&flat.pairs);
        }
    }
}

/// What was flattened is flattened to itself.
fn pushed_again(pairs: &[FlatPair]) {
    let mut table = toml_edit::Table::new();
    for pair in pairs {
        table.insert(&pair.key, toml_edit::value(pair.text.as_str()));
    }
    let text = table.to_string();
    let again = flat::flatten(&text, APP, []);
    let again = again.unwrap_or_else(|error| panic!("{error}\n{text}"));
    let texts = |pairs: &[FlatPair]| {
        let mut texts: Vec<_> = pairs
            .iter()
            .map(|p| (p.key.clone(), p.text.clone()))
            .collect();
        texts.sort();
        texts
    };
    assert_eq!(texts(&again.pairs), texts(pairs));
}
