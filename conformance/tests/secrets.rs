//! A planted secret, looked for in all that an app lets out: bodies, headers, stdout,
//! stderr with tracing at TRACE, panics and `Debug`. Every error that a store has is
//! provoked on the way.
//!
//! The test starts this program again, as the app's own, whose stderr it reads.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may")]

#[path = "secrets/app.rs"]
mod app;
#[path = "secrets/in_spin.rs"]
mod in_spin;
#[path = "secrets/on_host.rs"]
mod on_host;
#[path = "support/mod.rs"]
mod support;
#[path = "secrets/trace.rs"]
mod trace;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use tokio::runtime::Runtime;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().collect();
    if let [_, marker, folder] = &arguments[..]
        && marker == on_host::SERVER
    {
        Runtime::new().unwrap().block_on(on_host::serve(folder));
        return ExitCode::SUCCESS;
    }
    macro_rules! trials {
        ($($module:ident::$test:ident)*) => {
            vec![$(Trial::test(stringify!($test), || {
                Runtime::new()?.block_on($module::$test());
                Ok(())
            }),)*]
        };
    }
    let trials = trials! {
        on_host::no_error_and_no_panic_of_a_program_shows_a_secret
        on_host::a_program_that_fails_or_warns_at_its_start_shows_no_secret
        in_spin::no_error_and_no_trap_of_a_component_shows_a_secret
        in_spin::no_error_of_the_example_app_shows_a_secret
    };
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
