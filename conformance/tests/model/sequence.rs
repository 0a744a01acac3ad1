//! A sequence of operations, and who makes them.

use std::fmt;

use conformance::operations::Operation;

/// Who makes a call on the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Actor {
    /// The mirror in this process, which keeps its handles.
    Mirror,
    /// The component, in a session of its own for calls in a row.
    Component,
    /// The mirror in another process, which opens the file for calls in a row.
    Process,
}

/// Who made the file: its journal mode is the maker's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Maker {
    Mirror,
    Spin,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Run(Actor, Operation),
    /// All handles are dropped and the file is opened anew; a host is restarted.
    Reopen(Actor),
    /// So many seconds pass.
    Pass(u64),
}

#[derive(Clone, Debug)]
pub(crate) struct Sequence {
    pub(crate) maker: Maker,
    pub(crate) steps: Vec<Step>,
}

impl Sequence {
    /// The same with the component in the place of the mirror.
    pub(crate) fn by_component(&self) -> Self {
        let other = |actor| match actor {
            Actor::Mirror => Actor::Component,
            other => other,
        };
        let steps = self.steps.iter().cloned().map(|step| match step {
            Step::Run(actor, operation) => Step::Run(other(actor), operation),
            Step::Reopen(actor) => Step::Reopen(other(actor)),
            Step::Pass(seconds) => Step::Pass(seconds),
        });
        Self {
            maker: self.maker,
            steps: steps.collect(),
        }
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the file is made by {:?}", self.maker)?;
        for (number, step) in self.steps.iter().enumerate() {
            write!(f, "\n{number:>4}. {step}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(actor, operation) => {
                write!(f, "{actor:?}, {:?}", operation.label)?;
                if let Some(max) = operation.max_list_keys {
                    write!(f, " with max_list_keys {max}")?;
                }
                write!(f, ": {:?}", operation.call)
            }
            Self::Reopen(actor) => write!(f, "{actor:?} opens the file anew"),
            Self::Pass(seconds) => write!(f, "{seconds} s pass"),
        }
    }
}
