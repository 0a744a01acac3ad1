//! The component carries the suite, whole.

use conformance::suite;
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
fn the_example_in_the_adapters_documentation_compiles() {
    component::build_example(&support::workspace(), "edgezero-adapter-spin", "notes").unwrap();
}
