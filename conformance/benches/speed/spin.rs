//! The adapter in the component.
use crate::data::Files;
use crate::measure::Bench;
pub(crate) fn measure(_bench: &mut Bench, _files: &Files) {}
