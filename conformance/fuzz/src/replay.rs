//! The kept inputs, each through its target.

use std::path::Path;

/// syn goes as deep as the types that it reads are nested, and takes more of a stack
/// where it is not optimized; a compiler's own is larger than a test's.
const STACK_BYTES: usize = 64 * 1024 * 1024;

fn replay(name: &'static str, target: fn(&[u8])) {
    let replayed = std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || replay_here(name, target));
    replayed.unwrap().join().unwrap();
}

fn replay_here(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(name);
    let mut inputs = 0;
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        // Names the input where the target panics; shown only then.
        println!("{}", path.display());
        target(&std::fs::read(path).unwrap());
        inputs += 1;
    }
    assert!(inputs > 0, "no input is kept in {}", folder.display());
}

macro_rules! replayed {
    ($($target:ident)*) => {$(
        #[test]
        fn $target() {
            replay(stringify!($target), crate::$target::target);
        }
    )*};
}

replayed!(app_config cursor macros manifest runtime_config spin_app spin_toml store_names);
