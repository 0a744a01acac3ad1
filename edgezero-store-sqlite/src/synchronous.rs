//! When a write has reached the disk.

/// When a write is on the disk. A write that returned survives the end of the
/// process, `kill -9` too, with either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Synchronous {
    /// Before the write returns, so that it also survives a crash of the operating
    /// system and a loss of power, as far as the disk keeps its word. It is SQLite's
    /// `PRAGMA synchronous = EXTRA`, which for a file with a write-ahead log is `FULL`.
    #[default]
    Full,
    /// SQLite's `NORMAL`. In a file with a write-ahead log, which a file that the
    /// mirror made has: some time later. A crash of the operating system or a loss of
    /// power may take back the last writes, from the newest on; the file stays whole.
    /// In a file without such a log it saves little, and SQLite warns that on an old
    /// file system a loss of power at the wrong moment may damage the file.
    Normal,
}

impl Synchronous {
    pub(crate) fn as_pragma(self) -> &'static str {
        match self {
            // SQLite's FULL leaves the end of a transaction without a log, which is
            // that its journal is gone, to the disk's folder and its own time.
            Self::Full => "EXTRA",
            Self::Normal => "NORMAL",
        }
    }
}
