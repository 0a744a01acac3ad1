//! One file, those who use it, and the model that foretells what they see.

use async_trait::async_trait;
use conformance::fixture::{LABEL, OTHER_LABEL};
use conformance::operations::{Answer, Call, Givens, Operation, Work};
use edgezero_store_traits::BoxError;

use crate::model::{Caller, Model};
use crate::sequence::{Actor, Sequence, Step};

/// One who uses the file.
#[async_trait]
pub(crate) trait Subject: Send {
    /// Runs the work at a time, in seconds from the sequence's start.
    async fn run(&mut self, work: Work, now: u64) -> Result<Vec<Answer>, BoxError>;

    /// Drops all handles and opens the file anew.
    async fn reopen(&mut self) -> Result<(), BoxError>;

    /// Whether what one work read in order to swap it is kept for the next.
    fn keeps_swap(&self) -> bool;
}

/// A subject, and what can be expected of it.
pub(crate) type Member = (Caller, Box<dyn Subject>);

pub(crate) struct World {
    members: Vec<Member>,
    model: Model,
    given: Givens,
}

impl World {
    pub(crate) fn new(members: Vec<Member>) -> Self {
        Self {
            members,
            model: Model::default(),
            given: Givens::default(),
        }
    }

    /// Runs the sequence and, at its end, has every actor tell all that is stored.
    pub(crate) async fn check(&mut self, sequence: &Sequence) -> Result<(), BoxError> {
        let mut steps = sequence.steps.iter().peekable();
        while let Some(step) = steps.next() {
            match step {
                Step::Pass(seconds) => self.model.pass(*seconds),
                Step::Reopen(actor) => {
                    self.model.forget_swap(*actor);
                    self.member(*actor)?.1.reopen().await?;
                }
                Step::Run(actor, operation) => {
                    let mut operations = vec![operation.clone()];
                    while let Some(Step::Run(_, next)) =
                        steps.next_if(|next| matches!(next, Step::Run(who, _) if who == actor))
                    {
                        operations.push(next.clone());
                    }
                    self.run(*actor, operations).await?;
                }
            }
        }
        let actors: Vec<_> = self.members.iter().map(|(who, _)| who.actor).collect();
        for actor in actors {
            let everything = [LABEL, OTHER_LABEL].map(|label| in_all_of(label, Call::Everything));
            self.run(actor, everything.into()).await?;
        }
        Ok(())
    }

    fn member(&mut self, actor: Actor) -> Result<&mut Member, BoxError> {
        let mut members = self.members.iter_mut();
        let found = members.find(|(who, _)| who.actor == actor);
        found.ok_or_else(|| format!("there is no {actor:?} here").into())
    }

    async fn run(&mut self, actor: Actor, operations: Vec<Operation>) -> Result<(), BoxError> {
        let work = Work {
            given: self.given.clone(),
            operations: operations.clone(),
        };
        let now = self.model.now();
        let (caller, subject) = self.member(actor)?;
        let caller = *caller;
        let keeps_swap = subject.keeps_swap();
        let answers = subject.run(work, now).await;
        let answers = answers.map_err(|error| format!("{actor:?} gives no answers: {error}"))?;
        if answers.len() != operations.len() {
            return Err(format!("{} answers of {}", answers.len(), operations.len()).into());
        }
        for (operation, answer) in operations.into_iter().zip(answers) {
            let expected = self.model.answer(caller, &operation);
            if answer != expected {
                let step = Step::Run(actor, operation);
                return Err(differs(&step, &answer, &expected).into());
            }
            self.given.keep(&operation, &answer);
        }
        if !keeps_swap {
            self.model.forget_swap(actor);
        }
        Ok(())
    }
}

/// A call to the store of this label, without a cap.
pub(crate) fn in_all_of(label: &str, call: Call) -> Operation {
    Operation {
        label: label.to_owned(),
        max_list_keys: Some(0),
        call,
    }
}

fn differs(step: &Step, found: &Answer, expected: &Answer) -> String {
    let (found, expected) = (format!("{found:?}"), format!("{expected:?}"));
    let alike = found.chars().zip(expected.chars());
    let alike = alike.take_while(|(one, other)| one == other).count();
    let found = around(&found, alike);
    let expected = around(&expected, alike);
    format!("{step}\n  found:    {found}\n  expected: {expected}")
}

/// The part of a long text about this place.
fn around(text: &str, at: usize) -> String {
    const SHOWN: usize = 200;
    let start = at.saturating_sub(SHOWN);
    let mut part: String = text.chars().skip(start).take(2 * SHOWN).collect();
    if start > 0 {
        part.insert(0, '…');
    }
    if text.chars().nth(start + 2 * SHOWN).is_some() {
        part.push('…');
    }
    part
}
