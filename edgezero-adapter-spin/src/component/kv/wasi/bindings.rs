//! `wasi:keyvalue`, generated from `wit/`; spin-sdk ships no bindings for it.
#![allow(missing_docs, unreachable_pub, reason = "generated")]

spin_sdk::wit_bindgen::generate!({
    path: "wit",
    world: "keyvalue",
    runtime_path: "spin_sdk::wit_bindgen::rt",
    generate_all,
});

pub(super) use self::wasi::keyvalue::{atomics, batch, store};
