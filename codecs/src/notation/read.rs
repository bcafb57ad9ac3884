//! From text to a composition.

use super::builder::Builder;
use super::part::Part;
use super::resolve::resolve;
use super::syntax::{Stage, Stages};
use super::{Composed, Composition, NotationError, registry};
use crate::near::suggestion;

/// A whole composition.
pub(super) fn composition(stages: &Stages) -> Result<Composition, NotationError> {
    build(stages)?.finish().map_err(|why| NotationError::new(stages.span.clone(), why))
}

/// A composition inside another one.
pub(super) fn framing(stages: &Stages) -> Result<Composed, NotationError> {
    let last = stages.stages.last().map_or(stages.span.clone(), |last| last.span.clone());
    build(stages)?.framing().map_err(|why| NotationError::new(last, why))
}

fn build(stages: &Stages) -> Result<Builder, NotationError> {
    let mut builder = Builder::default();
    for stage in &stages.stages {
        add(&mut builder, stage)?;
    }
    Ok(builder)
}

/// Adds a stage to those so far.
pub(super) fn add(builder: &mut Builder, stage: &Stage) -> Result<(), NotationError> {
    let part = part(stage).map_err(|error| error.at(Some(stage.span.clone())))?;
    builder.add(part).map_err(|why| NotationError::new(stage.span.clone(), why))
}

fn part(stage: &Stage) -> Result<Part, NotationError> {
    match registry::entry(&stage.name) {
        Some(entry) => resolve(entry, stage)?.build(),
        None => Err(NotationError::new(stage.name_span.clone(), unknown_stage(&stage.name))),
    }
}

/// Says that nothing has this name.
pub(super) fn unknown_stage(name: &str) -> String {
    let nearest = suggestion(name, registry::names());
    let help =
        if nearest.is_empty() { "; there are, for example, `lines`, `length u32be` and `gbk`" } else { &nearest };
    format!("no stage and no encoding is called `{name}`{help}")
}
