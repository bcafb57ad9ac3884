//! A whole composition: a framing with its layers, and what the payloads mean.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use wirework_core::{ComposeError, Formatted, Framing, TextEncoding};

use super::entry::Entry;
use super::error::suggestion;
use super::given::{Given, Refusal, resolve};
use super::part::{Meaning, Part};
use super::registry::{self, format};
use super::syntax::{self, Stage, Stages};
use super::{Composed, NotationError, describe};
use crate::Text;

/// A composition that is chosen at run time: a framing, its layers, and what its payloads mean.
///
/// ```
/// use wirework_codecs::Composition;
///
/// let composition: Composition = "marked 7E shared | escape 7E:7D02 7D:7D01 | check xor8 | gbk".parse()?;
/// assert_eq!(composition.to_string(), "marked 7E shared | escape 7E:7D02 7D:7D01 | check xor8 | gbk");
/// let codec = composition.text()?; // a codec like any other, whose messages are text
/// # drop(codec);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// What a message *is* stays a fact of the compiler: [`text`](Composition::text) gives a codec of text and
/// [`bytes`](Composition::bytes) one of bytes, each refused for a composition that ends otherwise.
///
/// It is read from text by [`FromStr`], and from data by serde: a list of stages, each a name or a map of its options,
/// or a string in the text notation.
#[derive(Clone, Debug, PartialEq)]
pub struct Composition {
    framing: Composed,
    meaning: Meaning,
}

impl Composition {
    /// Puts a framing and the meaning of its payloads together, or says why they cannot be.
    pub fn new(framing: impl Into<Composed>, meaning: Meaning) -> Result<Self, ComposeError> {
        let framing = framing.into();
        framing.validate()?;
        if let Meaning::Text(text) = &meaning {
            let encoding: Arc<dyn TextEncoding> = Arc::new(text.encoding);
            framing.clone().set_encoding(&encoding)?;
        }
        Ok(Self { framing, meaning })
    }

    /// The framing with its layers.
    pub fn framing(&self) -> &Composed {
        &self.framing
    }

    /// What the payloads mean.
    pub fn meaning(&self) -> &Meaning {
        &self.meaning
    }

    /// A codec whose messages are bytes.
    ///
    /// # Errors
    /// When the composition ends in a format.
    pub fn bytes(self) -> Result<Composed, ComposeError> {
        match self.meaning {
            Meaning::Bytes => Ok(self.framing),
            _ => Err(ComposeError::new(format!("the messages of `{self}` are no bytes; leave its last stage out"))),
        }
    }

    /// A codec whose messages are text.
    ///
    /// # Errors
    /// When the composition does not end in an encoding.
    pub fn text(self) -> Result<Formatted<Composed, Text>, ComposeError> {
        match self.meaning {
            Meaning::Text(text) => Ok(Formatted::new(self.framing, text)),
            _ => Err(ComposeError::new(format!(
                "the messages of `{self}` are no text; end it in an encoding, such as `{} | utf-8`",
                self.framing
            ))),
        }
    }
}

impl FromStr for Composition {
    type Err = NotationError;

    fn from_str(text: &str) -> Result<Self, NotationError> {
        syntax::parse(text).and_then(|stages| composition(&stages)).map_err(|error| error.in_text(text))
    }
}

impl fmt::Display for Composition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.framing.fmt(f)?;
        match describe::print_meaning(&self.meaning) {
            Some(format) => write!(f, " | {format}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Composed {
    type Err = NotationError;

    fn from_str(text: &str) -> Result<Self, NotationError> {
        syntax::parse(text).and_then(|stages| framing(&stages)).map_err(|error| error.in_text(text))
    }
}

impl fmt::Display for Composed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stages: Vec<String> = describe::framing(self).iter().map(|(entry, given)| given.print(entry)).collect();
        f.write_str(&stages.join(" | "))
    }
}

fn composition(stages: &Stages) -> Result<Composition, NotationError> {
    let mut builder = Builder::default();
    for stage in &stages.stages {
        let part = part(stage).map_err(|error| error.at(Some(stage.span.clone())))?;
        builder.add(part).map_err(|why| NotationError::new(stage.span.clone(), why))?;
    }
    builder.finish().map_err(|why| NotationError::new(stages.span.clone(), why))
}

/// A composition inside another one, which has no format of its own.
pub(super) fn framing(stages: &Stages) -> Result<Composed, NotationError> {
    let Composition { framing, meaning } = composition(stages)?;
    match meaning {
        Meaning::Bytes => Ok(framing),
        _ => Err(NotationError::new(
            stages.span.clone(),
            "only a whole composition can end in a format; leave it out here",
        )),
    }
}

fn part(stage: &Stage) -> Result<Part, NotationError> {
    let entry = match registry::entry(&stage.name) {
        Some(entry) => entry,
        None if format::is_label(&stage.name) => {
            let given = resolve(&format::ENCODING, stage)?;
            return format::text(&stage.name, &given).map_err(|refusal| placed(refusal, &given));
        }
        None => return Err(NotationError::new(stage.name_span.clone(), unknown_stage(&stage.name))),
    };
    build(entry, &resolve(entry, stage)?)
}

pub(super) fn unknown_stage(name: &str) -> String {
    let known = registry::entries().flat_map(|entry| std::iter::once(&entry.name).chain(entry.aliases));
    let nearest = suggestion(name, known.copied().chain(format::COMMON));
    let help =
        if nearest.is_empty() { "; there are, for example, `lines`, `length u32be` and `gbk`" } else { &nearest };
    format!("no stage and no encoding is called `{name}`{help}")
}

pub(super) fn build(entry: &Entry, given: &Given) -> Result<Part, NotationError> {
    (entry.build)(given).map_err(|refusal| placed(refusal, given))
}

pub(super) fn placed(refusal: Refusal, given: &Given) -> NotationError {
    NotationError::without_place(refusal.why).at(refusal.option.and_then(|option| given.place(option)))
}

/// Puts stages together, in their order.
#[derive(Default)]
pub(super) struct Builder {
    framing: Option<Composed>,
    meaning: Option<Meaning>,
}

impl Builder {
    pub(super) fn add(&mut self, part: Part) -> Result<(), String> {
        if self.meaning.is_some() {
            return Err("a format is the last stage; put this one in front of it".to_owned());
        }
        let framing = match (part, self.framing.take()) {
            (Part::Framing(framing), None) => framing,
            (Part::Framing(_), Some(first)) => {
                return Err(format!("this is a second framing behind `{first}`; one says where messages end"));
            }
            (Part::Layer(layer), Some(framing)) => framing.layer(layer).map_err(|why| why.to_string())?,
            (Part::Resync(recovery), Some(framing)) => recovery.of(framing),
            (Part::Format(meaning), Some(framing)) => {
                self.meaning = Some(meaning);
                framing
            }
            (_, None) => return Err("a framing must stand first, such as `lines` or `length u32be`".to_owned()),
        };
        framing.validate().map_err(|why| why.to_string())?;
        self.framing = Some(framing);
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Composition, String> {
        let framing = self.framing.ok_or("a composition needs a framing, such as `lines`")?;
        Composition::new(framing, self.meaning.unwrap_or_default()).map_err(|why| why.to_string())
    }
}
