//! Another process on the host, which writes the file that Spin serves from.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use edgezero_store_sqlite::SqliteFile;
use edgezero_store_traits::{KvError, KvHandle};
use std::io::Read as _;
use std::sync::Arc;

/// The first argument of the process that writes.
pub(crate) const COMMAND: &str = "--write";

/// How long it writes at most.
const LONGEST: Duration = Duration::from_secs(600);

/// A process that writes until it is ended.
pub(crate) struct Writer(Child);

impl Writer {
    /// Starts to update the keys that begin with `keys`, beside Spin.
    pub(crate) fn start(file: &Path, keys: &str) -> Self {
        let this = std::env::current_exe().unwrap();
        let process = Command::new(this)
            .args([COMMAND.as_ref(), file.as_os_str(), keys.as_ref()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        Self(process.unwrap())
    }

    /// Ends it; what it added to each of the keys.
    pub(crate) fn end(mut self) -> Vec<u32> {
        drop(self.0.stdin.take());
        let mut added = String::new();
        self.0
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut added)
            .unwrap();
        assert!(self.0.wait().unwrap().success(), "the writer failed");
        serde_json::from_str(&added).unwrap()
    }
}

/// Adds 1 to each of the 1,000 keys in turn, and puts a key of its own between two of
/// them, until its stdin is closed. Prints how often it added to each.
pub(crate) fn write(file: &Path, keys: &str) {
    let ended = std::thread::spawn(|| std::io::stdin().read_to_end(&mut Vec::new()));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let added = runtime.block_on(async {
        let store = SqliteFile::open(file).unwrap().kv("default").unwrap();
        let kv = KvHandle::new(Arc::new(store));
        let mut added = vec![0_u32; super::runs::KEYS];
        let began = Instant::now();
        for n in (0..super::runs::KEYS).cycle() {
            if ended.is_finished() || began.elapsed() > LONGEST {
                break;
            }
            let one_more = |count: Option<u32>| Some(count.unwrap_or(0) + 1);
            match kv.update(&format!("{keys}{n:04}"), one_more).await {
                Ok(_) => added[n] += 1,
                Err(KvError::Unavailable { .. } | KvError::Conflict { .. }) => {}
                Err(error) => panic!("the writer: {error}"),
            }
            kv.put(&format!("beside {n}"), &n).await.unwrap();
            // Spin's writes fail at once where another connection holds the lock.
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        added
    });
    println!("{}", serde_json::to_string(&added).unwrap());
}
