//! edgezero.toml: it is read whole, or refused with a line that it has.

/// Takes the text of a manifest.
pub fn target(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let manifest = match edgezero_manifest::parse(text) {
        Ok(manifest) => manifest,
        Err(error) => {
            let lines = text.matches('\n').count() + 1;
            let problems = error.problems();
            assert!(!problems.is_empty());
            for problem in problems {
                assert!((1..=lines).contains(&problem.line()), "{problem}");
                assert!(!problem.message().is_empty());
                let shown = problem.to_string();
                assert!(shown.chars().count() < 1000);
                let controls = shown.chars().filter(|c| c.is_control()).count();
                assert_eq!(controls, 1, "more than its two lines: {shown:?}");
            }
            return;
        }
    };
    // It is part of files' names.
    assert!(!manifest.name.contains(['/', '\\']));
    assert!(!manifest.name.contains(char::is_control));
    // It is handed to cargo.
    assert!(!manifest.cli.is_some_and(|cli| cli.starts_with('-')));
    let stores = manifest.stores;
    for stores in [stores.kv, stores.config, stores.secrets] {
        let Some(stores) = stores else { continue };
        assert!(stores.ids.contains(&stores.default));
        let mut set = stores.label.keys().chain(stores.max_list_keys.keys());
        assert!(set.all(|id| stores.ids.contains(id)));
        let mut variables: Vec<_> = stores.ids.iter().map(|id| id.to_uppercase()).collect();
        variables.sort();
        for pair in variables.windows(2) {
            assert_ne!(pair[0], pair[1], "one variable for two ids");
        }
        for id in variables {
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
            assert!(id.chars().all(is_part) && !id.contains("__"), "{id:?}");
        }
    }
}
