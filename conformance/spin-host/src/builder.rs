//! What a host is made of.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use tokio::sync::watch;

use crate::backend::{
    Backend, CosmosContainer, DynamoTable, MAX_REPLY_BYTES, Redis, RedisSwap, Sqlite,
};
use crate::calls::{Calls, Fault};
use crate::component;
use crate::host::{HostError, SpinHost};
use crate::instance::{Config, output_pipe};

/// Describes a host: what `spin.toml` and the runtime config say under Spin.
#[derive(Clone, Debug)]
pub struct SpinHostBuilder {
    component: PathBuf,
    labels: HashMap<String, Place>,
    variables: HashMap<String, String>,
    faults: HashMap<String, Vec<Fault>>,
    failing_requests: Option<String>,
    environment: Vec<(String, String)>,
    max_memory: Option<usize>,
    max_reply: usize,
    max_open: u32,
    requests_per_instance: usize,
    concurrent_requests_per_instance: usize,
}

/// Where the store of a label is kept.
#[derive(Clone, Debug)]
enum Place {
    File(PathBuf),
    Memory,
    Redis(String, RedisSwap),
    Dynamo(DynamoTable),
    Cosmos(CosmosContainer),
}

impl Place {
    fn backend(self) -> Result<Arc<dyn Backend>, String> {
        Ok(match self {
            Self::File(path) => Arc::new(Sqlite::file(path)),
            Self::Memory => Arc::new(Sqlite::in_memory()),
            Self::Redis(url, swap) => Arc::new(Redis::new(&url, swap)?),
            Self::Dynamo(table) => Arc::new(table),
            Self::Cosmos(container) => Arc::new(container),
        })
    }
}

impl SpinHostBuilder {
    pub(crate) fn new(component: PathBuf) -> Self {
        Self {
            component,
            labels: HashMap::new(),
            variables: HashMap::new(),
            faults: HashMap::new(),
            failing_requests: None,
            environment: Vec::new(),
            max_memory: None,
            max_reply: MAX_REPLY_BYTES,
            max_open: u32::MAX,
            requests_per_instance: 128,
            concurrent_requests_per_instance: 16,
        }
    }

    /// Lets the component use the label, kept in this SQLite file. It is opened when
    /// the label is. Several labels may share a file, each with a connection of its own.
    #[must_use]
    pub fn key_value(self, label: &str, file: impl AsRef<Path>) -> Self {
        self.label(label, Place::File(file.as_ref().to_owned()))
    }

    /// Lets the component use the label, kept in this host's memory: it starts
    /// empty and ends with the host.
    #[must_use]
    pub fn key_value_in_memory(self, label: &str) -> Self {
        self.label(label, Place::Memory)
    }

    /// Lets the component use the label, kept in the database of Redis that this URL
    /// names. Swaps end as in Spin 4.1: see [`SpinHostBuilder::redis_swap`].
    #[must_use]
    pub fn redis(self, label: &str, url: &str) -> Self {
        self.redis_swap(label, url, RedisSwap::Spin41)
    }

    /// [`SpinHostBuilder::redis`], with swaps that end in this way.
    #[must_use]
    pub fn redis_swap(self, label: &str, url: &str, swap: RedisSwap) -> Self {
        self.label(label, Place::Redis(url.to_owned(), swap))
    }

    /// Lets the component use the label, kept in this table of DynamoDB.
    #[must_use]
    pub fn dynamo(self, label: &str, table: &DynamoTable) -> Self {
        self.label(label, Place::Dynamo(table.clone()))
    }

    /// Lets the component use the label, kept in this container of Cosmos DB.
    #[must_use]
    pub fn cosmos(self, label: &str, container: &CosmosContainer) -> Self {
        self.label(label, Place::Cosmos(container.clone()))
    }

    /// The table of DynamoDB that the label is kept in, if it is.
    pub fn dynamo_table(&self, label: &str) -> Option<&DynamoTable> {
        match self.labels.get(label)? {
            Place::Dynamo(table) => Some(table),
            _ => None,
        }
    }

    /// The container of Cosmos DB that the label is kept in, if it is.
    pub fn cosmos_container(&self, label: &str) -> Option<&CosmosContainer> {
        match self.labels.get(label)? {
            Place::Cosmos(container) => Some(container),
            _ => None,
        }
    }

    /// Defines a variable of the component.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Defines a variable by which the component has the host fail: whenever it reads
    /// it, these faults are [injected](Calls::inject), and it reads an empty text.
    #[must_use]
    pub fn faults(mut self, name: &str, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.faults
            .insert(name.to_owned(), faults.into_iter().collect());
        self
    }

    /// Defines variables by which the component has one of its calls fail with `other`
    /// and this text: after it reads `fail_before_n3` that is its third call from then
    /// on, before the host acts; after it reads `fail_after_n3`, after the host acted.
    /// Reading `stop_failing` [takes it back](Calls::stop_failing), and gives `true`
    /// where the call came and failed, else `false`.
    #[must_use]
    pub fn failing_requests(mut self, text: &str) -> Self {
        self.failing_requests = Some(text.to_owned());
        self
    }

    /// Sets a variable of the component's environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Lets an instance have at most so many bytes of linear memory; without it, as
    /// many as it asks for.
    #[must_use]
    pub fn max_memory(mut self, bytes: usize) -> Self {
        self.max_memory = Some(bytes);
        self
    }

    /// Refuses to hand over more than so many bytes in one reply, counted as Spin counts
    /// them; without it, more than Spin's own limit of 128 MiB.
    #[must_use]
    pub fn max_reply(mut self, bytes: usize) -> Self {
        self.max_reply = bytes;
        self
    }

    /// Lets an instance have at most so many stores open, and as many swaps: beyond it,
    /// `open` fails with `store-table-full` (in `wasi:keyvalue` `other("store table
    /// full")`), and `cas.new` with `other("too many compare_and_swaps opened")`. A swap
    /// that was made stays open until the instance ends.
    ///
    /// Without it there is no limit, as under Spin 4.1; Spin's crate has a default of 256
    /// for other programs that embed it.
    #[must_use]
    pub fn max_open(mut self, count: u32) -> Self {
        self.max_open = count;
        self
    }

    /// Drops an instance after so many requests, at least 1; without it, after 128.
    #[must_use]
    pub fn requests_per_instance(mut self, count: usize) -> Self {
        self.requests_per_instance = count.max(1);
        self
    }

    /// Gives an instance at most so many requests at the same time, at least 1; without
    /// it, 16. With 1, requests that overlap are in instances of their own.
    #[must_use]
    pub fn concurrent_requests_per_instance(mut self, count: usize) -> Self {
        self.concurrent_requests_per_instance = count.max(1);
        self
    }

    /// Loads the component. The first host of a component in a process compiles
    /// it; the next ones share the result.
    ///
    /// # Errors
    /// [`HostError`] when the file is no component, or imports something that this
    /// host does not have, or when a URL is none of Redis.
    pub fn build(self) -> Result<SpinHost, HostError> {
        let instances = component::load(&self.component).map_err(|error| {
            HostError::new(format!(
                "cannot load the component {}: {error:?}",
                self.component.display()
            ))
        })?;
        let backends = self.labels.into_iter().map(|(label, place)| {
            let backend = place.backend().map_err(|reason| {
                HostError::new(format!("cannot use the URL of label {label:?}: {reason}"))
            });
            Ok((label, backend?))
        });
        let config = Config {
            backends: backends.collect::<Result<_, HostError>>()?,
            variables: self.variables,
            faults: self.faults,
            failing_requests: self.failing_requests,
            environment: self.environment,
            max_memory: self.max_memory,
            memory: AtomicUsize::new(0),
            max_reply: self.max_reply,
            max_open: self.max_open,
            requests_per_instance: self.requests_per_instance,
            concurrent_requests_per_instance: self.concurrent_requests_per_instance,
            instances: AtomicUsize::new(0),
            calls: Calls::default(),
            stderr: output_pipe(),
            ends: watch::Sender::new(Vec::new()),
        };
        Ok(SpinHost::new(instances, config))
    }

    fn label(mut self, label: &str, place: Place) -> Self {
        self.labels.insert(label.to_owned(), place);
        self
    }
}
