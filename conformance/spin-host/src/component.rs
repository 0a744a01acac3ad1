//! Components: built from a crate, compiled once a process.

mod build;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::SystemTime;

use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine};
use wasmtime_wasi_http::handler::ProxyPre;
use wasmtime_wasi_http::p3::bindings::ServicePre;

use crate::bindings::{spin, wasi};
use crate::instance::State;
use crate::key_value::KeyValue;
use crate::variables::Variables;

pub use build::{BuildError, Features, build, build_example};

static ENGINE: LazyLock<Result<Engine, String>> = LazyLock::new(|| {
    let mut config = Config::new();
    config.wasm_component_model_async(true);
    Engine::new(&config).map_err(|error| format!("{error:?}"))
});

/// The one engine of the process.
pub(crate) fn engine() -> &'static Engine {
    #[expect(clippy::expect_used, reason = "only a broken build of wasmtime fails")]
    ENGINE.as_ref().expect("wasmtime's engine starts")
}

/// A file as it was when it was compiled.
type Version = (PathBuf, SystemTime);

static COMPILED: LazyLock<Mutex<HashMap<Version, ServicePre<State>>>> =
    LazyLock::new(Mutex::default);

/// Compiles and links a component, or returns what an earlier call made of it.
pub(crate) fn load(path: &Path) -> wasmtime::Result<ProxyPre<State>> {
    let version = (path.canonicalize()?, path.metadata()?.modified()?);
    // Held while compiling: threads that want the same component wait for it.
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pre) = compiled.get(&version) {
        return Ok(ProxyPre::P3(pre.clone()));
    }
    let component = Component::from_file(engine(), path)?;
    let pre = ServicePre::new(linker()?.instantiate_pre(&component)?)?;
    compiled.insert(version, pre.clone());
    Ok(ProxyPre::P3(pre))
}

/// The names of the interfaces that a component asks its host for.
///
/// # Errors
/// Where the file is no component.
pub fn imports(path: &Path) -> wasmtime::Result<Vec<String>> {
    let component = Component::from_file(engine(), path)?;
    let kind = component.component_type();
    let imports = kind.imports(engine());
    Ok(imports.map(|(name, _)| name.to_owned()).collect())
}

fn linker() -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine());
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    spin::key_value::key_value::add_to_linker::<_, KeyValue>(&mut linker, |state| state)?;
    wasi::keyvalue::store::add_to_linker::<_, KeyValue>(&mut linker, |state| state)?;
    wasi::keyvalue::atomics::add_to_linker::<_, KeyValue>(&mut linker, |state| state)?;
    wasi::keyvalue::batch::add_to_linker::<_, KeyValue>(&mut linker, |state| state)?;
    spin::variables::variables::add_to_linker::<_, Variables>(&mut linker, |state| state)?;
    Ok(linker)
}
