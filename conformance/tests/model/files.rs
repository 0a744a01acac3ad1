//! Files to begin with, made once: making one waits for the disk many times.

use std::fs;
use std::path::Path;

use conformance::operations::{Call, Work};
use edgezero_store_traits::BoxError;
use tempfile::TempDir;

use crate::component::{Component, Kind};
use crate::mirror::MirrorStores;
use crate::sequence::Maker;
use crate::world::{Subject, in_all_of};

/// An empty file by each maker.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) async fn new(ttl: bool) -> Result<Self, BoxError> {
        let folder = tempfile::tempdir()?;
        MirrorStores::open(&folder.path().join(name(Maker::Mirror)), ttl, 0)?;
        let spins = folder.path().join(name(Maker::Spin));
        let opened = Work {
            operations: vec![in_all_of("default", Call::Capabilities)],
            ..Work::default()
        };
        Component::new(&spins, Kind::Default)?
            .run(opened, 0)
            .await?;
        Ok(Self(folder))
    }

    /// Puts a file of this maker at `path`.
    pub(crate) fn copy(&self, maker: Maker, path: &Path) -> Result<(), BoxError> {
        fs::copy(self.0.path().join(name(maker)), path)?;
        Ok(())
    }
}

fn name(maker: Maker) -> &'static str {
    match maker {
        Maker::Mirror => "mirror.db",
        Maker::Spin => "spin.db",
    }
}
