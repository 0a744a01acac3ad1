//! The host's own listing, by `wasi:keyvalue`.

use self::bindings::wasi::keyvalue::store;

#[allow(missing_docs, unreachable_pub, reason = "generated")]
mod bindings {
    spin_sdk::wit_bindgen::generate!({
        path: "../../edgezero-adapter-spin/wit",
        world: "keyvalue",
        runtime_path: "spin_sdk::wit_bindgen::rt",
        generate_all,
        // The adapter's own has the name without it.
        type_section_suffix: "measure",
    });
}

pub(super) struct Bucket(store::Bucket);

impl Bucket {
    pub(super) fn open(label: &str) -> anyhow::Result<Self> {
        let bucket = store::open(label).map_err(failed)?;
        Ok(Self(bucket))
    }

    pub(super) fn list_keys(&self) -> anyhow::Result<Vec<String>> {
        Ok(self.0.list_keys(None).map_err(failed)?.keys)
    }
}

fn failed(error: store::Error) -> anyhow::Error {
    anyhow::anyhow!("wasi:keyvalue says: {error:?}")
}
