//! `spin:variables@3.0.0`, on the host's table of variables.

use wasmtime::component::{Accessor, HasData};

use crate::bindings::spin::variables::variables::{self, Error};
use crate::calls::Call;
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
        let read = async { Ok(read(&config, name)) };
        config.calls.make(Call::Variable, read).await
    }
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
