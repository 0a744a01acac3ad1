//! The component carries the suite, whole.

use std::collections::BTreeSet;

use conformance::harness::{Backend, trials};
use conformance::{Outcome, suite};
use edgezero_spin_host::component;
use http::Request;

use crate::support;

#[tokio::test]
async fn the_cases_in_the_component_are_those_that_run_natively() {
    let folder = tempfile::tempdir().unwrap();
    let host = support::host(&folder.path().join("kv.db")).unwrap();
    let request = Request::get("/suite").body(Default::default()).unwrap();
    let response = host.build().unwrap().handle(request).await.unwrap();
    let inside: Vec<String> = serde_json::from_slice(response.body()).unwrap();
    let outside: Vec<String> = suite().map(|case| case.name()).collect();
    assert_eq!(inside, outside);
    assert!(outside.len() >= 60, "{} cases", outside.len());
}

#[test]
fn every_backend_has_the_same_test_names_and_no_name_twice() {
    let names = |backend: &str| -> BTreeSet<String> {
        let all = trials(&Backend::new(backend, |_| Outcome::Passed));
        let names: BTreeSet<_> = all
            .iter()
            .map(|trial| {
                let name = trial.name().strip_prefix(backend).unwrap();
                name.strip_prefix("::").unwrap().to_owned()
            })
            .collect();
        assert_eq!(names.len(), all.len(), "a name stands twice");
        names
    };
    assert_eq!(names("sqlite"), names("spin"));
}

#[test]
fn the_example_in_the_adapters_documentation_compiles() {
    component::build_example(&support::workspace(), "edgezero-adapter-spin", "notes").unwrap();
}
