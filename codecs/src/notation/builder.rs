//! Puts stages together, in their order.

use wirework_core::Framing;

use super::part::{Meaning, Part};
use super::{Composed, Composition};

/// What the stages so far make.
#[derive(Default)]
pub(super) struct Builder {
    framing: Option<Composed>,
    meaning: Option<Meaning>,
}

impl Builder {
    /// Adds a stage; or says why it cannot stand behind the others.
    pub(super) fn add(&mut self, part: Part) -> Result<(), String> {
        if self.meaning.is_some() {
            return Err("a format is the last stage; put this one in front of it".to_owned());
        }
        let framing = match (part, self.framing.take()) {
            (Part::Framing(framing), None) => framing,
            (Part::Framing(_), Some(first)) => {
                return Err(format!("this is a second framing behind `{first}`; one says where messages end"));
            }
            (_, None) => return Err("a framing must stand first, such as `lines` or `length u32be`".to_owned()),
            (Part::Layer(layer), Some(framing)) => framing.layer(layer).map_err(|why| why.to_string())?,
            (Part::Resync(recovery), Some(framing)) => recovery.of(framing),
            (Part::Format(meaning), Some(framing)) => {
                self.meaning = Some(meaning.clone());
                let whole = Composition::new(framing, meaning).map_err(|why| why.to_string())?;
                whole.framing().clone()
            }
        };
        framing.validate().map_err(|why| why.to_string())?;
        self.framing = Some(framing);
        Ok(())
    }

    /// The whole composition.
    pub(super) fn finish(self) -> Result<Composition, String> {
        let framing = self.framing.ok_or("a composition needs a framing, such as `lines`")?;
        Composition::new(framing, self.meaning.unwrap_or_default()).map_err(|why| why.to_string())
    }

    /// A framing inside another composition, which has no format of its own.
    pub(super) fn framing(self) -> Result<Composed, String> {
        match (self.framing, self.meaning) {
            (Some(framing), None) => Ok(framing),
            (Some(_), Some(_)) => Err("only a whole composition can end in a format; leave it out here".to_owned()),
            (None, _) => Err("a framing must stand here, such as `lines`".to_owned()),
        }
    }
}
