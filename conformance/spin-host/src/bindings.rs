//! Spin's interfaces, generated from `wit/`.
#![allow(missing_docs, unreachable_pub, reason = "generated")]

wasmtime::component::bindgen!({
    path: "wit",
    world: "spin",
    imports: { default: async | trappable },
    with: { "spin:key-value/key-value.store": crate::key_value::OpenStore },
});
