//! `spin:variables@3.0.0`, on the host's table of variables.

use wasmtime::component::{Accessor, HasData};

use crate::bindings::spin::variables::variables::{self, Error};
use crate::calls::{Call, When};
use crate::instance::{Config, State};

pub(crate) struct Variables;

impl HasData for Variables {
    type Data<'a> = &'a mut State;
}

impl variables::HostWithStore for Variables {
    async fn get<U: Send>(
        accessor: &Accessor<U, Self>,
        name: String,
    ) -> wasmtime::Result<Result<String, Error>> {
        let config = accessor.with(|mut access| access.get().config.clone());
        if let Some(done) = fail_request(&config, &name) {
            return Ok(Ok(done));
        }
        let read = async { Ok(read(&config, name)) };
        config.calls.make(Call::Variable, read).await
    }
}

/// Does what a variable of [`SpinHostBuilder::failing_requests`] is for. Reading one is
/// not a call of its own.
///
/// [`SpinHostBuilder::failing_requests`]: crate::SpinHostBuilder::failing_requests
fn fail_request(config: &Config, name: &str) -> Option<String> {
    let text = config.failing_requests.as_ref()?;
    if name == "stop_failing" {
        return Some(config.calls.stop_failing().to_string());
    }
    let (when, nth) = name.strip_prefix("fail_")?.split_once("_n")?;
    let when = match when {
        "before" => When::Before,
        "after" => When::After,
        _ => return None,
    };
    config.calls.fail_at(nth.parse().ok()?, when, text);
    Some(String::new())
}

fn read(config: &Config, name: String) -> Result<String, Error> {
    if let Some(reason) = refusal(&name) {
        return Err(Error::InvalidName(format!("{name}: {reason}")));
    }
    if let Some(faults) = config.faults.get(&name) {
        for fault in faults {
            config.calls.inject(fault.clone());
        }
        return Ok(String::new());
    }
    let value = config.variables.get(&name).cloned();
    value.ok_or_else(|| Error::Undefined(format!("no variable named {name}")))
}

impl variables::Host for &mut State {}

/// Why Spin refuses a variable's name, if it does.
fn refusal(name: &str) -> Option<&'static str> {
    let letter = |c: char| c.is_ascii_lowercase();
    let letter_or_digit = |c: char| letter(c) || c.is_ascii_digit();
    if !name.starts_with(letter) {
        Some("must start with a lowercase letter")
    } else if !name.ends_with(letter_or_digit) {
        Some("must end with a lowercase letter or digit")
    } else if name.contains("__") {
        Some("must not contain two underscores in a row")
    } else if !name.chars().all(|c| letter_or_digit(c) || c == '_') {
        Some("must hold only lowercase letters, digits and underscores")
    } else {
        None
    }
}
