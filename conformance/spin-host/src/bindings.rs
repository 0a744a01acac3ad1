//! Spin's interfaces, generated from `wit/` and, for wasi:keyvalue, from the
//! adapter's `wit/`.
#![allow(missing_docs, unreachable_pub, reason = "generated")]

wasmtime::component::bindgen!({
    path: ["../../edgezero-adapter-spin/wit/deps/wasi-keyvalue", "wit"],
    world: "edgezero:spin-host/spin",
    imports: { default: async | trappable },
    with: {
        "spin:key-value/key-value.store": crate::open::StoreHandle,
        "wasi:keyvalue/store.bucket": crate::open::StoreHandle,
        "wasi:keyvalue/atomics.cas": crate::open::SwapHandle,
    },
});
