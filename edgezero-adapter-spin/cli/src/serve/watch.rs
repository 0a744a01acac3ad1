//! `edgezero serve --watch` on this machine: the app is built and started again when one of
//! its sources changes.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use anyhow::Context;
use notify::{Event, RecursiveMode, Watcher};

use crate::arguments::Adapter;
use crate::program;
use crate::project::Project;
use crate::say;

/// How long no source has changed before the app is built: an editor writes several files.
const QUIET: Duration = Duration::from_millis(200);

/// How often it is looked whether the app has ended by itself.
const LOOK: Duration = Duration::from_millis(500);

/// What a source's name ends in. A database that the app writes is none.
const SOURCES: &[&str] = &[
    "css", "html", "js", "json", "md", "rs", "sql", "toml", "txt", "wit",
];

/// Runs what `start` makes of the app's program until Ctrl-C.
pub(super) fn run(
    project: &Project,
    start: impl Fn(PathBuf) -> Command,
) -> anyhow::Result<ExitCode> {
    let folder = project.crate_folder(Adapter::Host);
    let mut changes = Changes::of(project.folder())?;
    let mut app = App(None);
    loop {
        // The old one answers until the new one is built, and where it cannot be.
        match program::built(project, &folder) {
            Ok(program) => {
                app.stop();
                let mut command = start(program);
                project.note(|| format!("running {command:?}"));
                let child = command.spawn();
                app.0 = Some(child.map_err(|error| program::missing(&command, error))?);
            }
            Err(error) => say::err(format_args!("error: {error:#}"))?,
        }
        while !changes.wait(LOOK)? {
            if let Some(status) = app.ended()? {
                say::err(format_args!(
                    "the app has ended ({status}); it is started again when a source changes"
                ))?;
            }
        }
        say::err(format_args!("a source has changed: building the app"))?;
        // A folder may be new.
        changes = Changes::of(project.folder())?;
    }
}

/// The running app, which does not outlive this command.
struct App(Option<Child>);

impl App {
    /// How the app ended, once.
    fn ended(&mut self) -> std::io::Result<Option<std::process::ExitStatus>> {
        let Some(child) = &mut self.0 else {
            return Ok(None);
        };
        let status = child.try_wait()?;
        if status.is_some() {
            self.0 = None;
        }
        Ok(status)
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.0.take() {
            // One that has ended is stopped.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Changes of the sources below a folder.
struct Changes {
    events: Receiver<()>,
    _watcher: notify::RecommendedWatcher,
}

impl Changes {
    fn of(folder: &Path) -> anyhow::Result<Self> {
        let (sender, events) = mpsc::channel();
        let root = folder.to_owned();
        let told = move |event: notify::Result<Event>| {
            let is_change = event.is_ok_and(|event| {
                let is_new = |path: &Path| event.kind.is_create() && path.is_dir();
                let mut paths = event.paths.iter();
                let changed = |path: &PathBuf| {
                    is_source(&root, path) || is_new(path) && is_below(&root, path)
                };
                !event.kind.is_access() && paths.any(changed)
            });
            if is_change {
                // Nobody listens any more at the end.
                let _ = sender.send(());
            }
        };
        let failed = || format!("cannot watch {} for changes", folder.display());
        let mut watcher = notify::recommended_watcher(told).with_context(failed)?;
        for folder in folders(folder) {
            let mode = RecursiveMode::NonRecursive;
            watcher.watch(&folder, mode).with_context(failed)?;
        }
        Ok(Self {
            events,
            _watcher: watcher,
        })
    }

    /// Whether a source changed within `time`, and then none for a moment.
    fn wait(&self, time: Duration) -> anyhow::Result<bool> {
        match self.events.recv_timeout(time) {
            Ok(()) => {
                while self.events.recv_timeout(QUIET).is_ok() {}
                Ok(true)
            }
            Err(RecvTimeoutError::Timeout) => Ok(false),
            Err(RecvTimeoutError::Disconnected) => {
                anyhow::bail!("cannot watch the app's sources any more: start the command again")
            }
        }
    }
}

/// `folder` and those below it, without what is built and what is hidden.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    let mut next = 0;
    while let Some(folder) = found.get(next) {
        let entries = folder.read_dir().into_iter().flatten().flatten();
        // Not by a link: it may lead back.
        let below = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        let below: Vec<_> = below.map(|entry| entry.path()).collect();
        found.extend(below.into_iter().filter(|path| is_the_apps(path)));
        next += 1;
    }
    found
}

fn is_the_apps(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name != "target" && !name.starts_with('.')
}

/// Whether neither a path nor a folder that it is in is built or hidden.
fn is_below(root: &Path, path: &Path) -> bool {
    let inside = path.strip_prefix(root).unwrap_or(path);
    inside.ancestors().all(is_the_apps)
}

fn is_source(root: &Path, path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| SOURCES.contains(&extension)) && is_below(root, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_text_of_the_app_that_is_not_built_or_hidden() {
        let root = Path::new("/home/a/.config/app");
        for (path, expected) in [
            ("edgezero.toml", true),
            ("crates/core/src/lib.rs", true),
            ("crates/core/src/page.html", true),
            ("target/debug/build/out/x.rs", false),
            ("crates/spin/.spin/sqlite_key_value.db", false),
            ("crates/core/src/.lib.rs.swp", false),
            ("data/shop.db-wal", false),
            ("README", false),
        ] {
            assert_eq!(is_source(root, &root.join(path)), expected, "{path}");
        }
    }

    #[test]
    fn folders_that_are_built_or_hidden_are_not_watched() {
        let root = tempfile::tempdir().unwrap();
        for folder in ["crates/core/src", "target/debug", ".git/objects"] {
            std::fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        let mut found = folders(root.path());
        found.sort();
        let expected = ["", "crates", "crates/core", "crates/core/src"];
        let expected = expected.map(|folder| root.path().join(folder));
        assert_eq!(
            found,
            expected.map(|path| path.components().collect::<PathBuf>())
        );
    }

    #[test]
    fn a_change_of_a_source_is_seen() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("src")).unwrap();
        let changes = Changes::of(root.path()).unwrap();
        assert!(!changes.wait(Duration::from_millis(50)).unwrap());
        std::fs::write(root.path().join("src/shop.db"), "x").unwrap();
        assert!(!changes.wait(Duration::from_millis(300)).unwrap());
        std::fs::write(root.path().join("src/lib.rs"), "x").unwrap();
        assert!(changes.wait(Duration::from_secs(10)).unwrap());
        assert!(!changes.wait(Duration::from_millis(300)).unwrap());
        std::fs::create_dir(root.path().join("target")).unwrap();
        assert!(!changes.wait(Duration::from_millis(300)).unwrap());
        std::fs::create_dir(root.path().join("src/page")).unwrap();
        assert!(changes.wait(Duration::from_secs(10)).unwrap());
        let changes = Changes::of(root.path()).unwrap();
        std::fs::write(root.path().join("src/page/mod.rs"), "x").unwrap();
        assert!(changes.wait(Duration::from_secs(10)).unwrap());
    }
}
