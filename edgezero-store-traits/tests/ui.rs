//! What the compiler says of mistakes in a manifest and in a configuration.

#[test]
fn mistakes_are_compile_errors_that_name_their_place() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass_*.rs");
    cases.compile_fail("tests/ui/fail_*.rs");
}
