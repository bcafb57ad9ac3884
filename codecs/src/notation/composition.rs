//! A whole composition: a framing with its layers, and what the payloads mean.

use std::fmt;
use std::str::FromStr;

use wirework_core::{ComposeError, Format, Formatted, Framing};

use super::given::Given;
use super::{Composed, Meaning, NotationError, describe, read, syntax};
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
/// What a message *is* stays a fact of the compiler: [`text`](Composition::text) gives a codec of text,
/// [`bytes`](Composition::bytes) one of bytes and `json` one of JSON, each refused for a composition that ends otherwise.
///
/// It is read from text by [`FromStr`] and printed by [`Display`](fmt::Display); serde reads and writes it as a list of
/// stages. See [`notation`](crate::notation). A function of your own ([`Check::from_fn`](crate::layer::Check::from_fn),
/// [`Declared::from_fn`](crate::combine::Declared::from_fn)) prints as `(a function)`, which cannot be read back.
#[derive(Clone, Debug, PartialEq)]
pub struct Composition {
    framing: Composed,
    meaning: Meaning,
}

impl Composition {
    /// Puts a framing and the meaning of its payloads together, or says why they cannot be.
    pub fn new(framing: impl Into<Composed>, meaning: Meaning) -> Result<Self, ComposeError> {
        let mut framing = framing.into();
        framing.validate()?;
        if let Meaning::Text(text) = &meaning {
            text.encodings().map_or(Ok(()), |encodings| framing.set_encodings(&encodings))?;
        }
        Ok(Self { framing, meaning })
    }

    /// The same without another encoding in which text is sent.
    pub(crate) fn as_it_comes(&self) -> Self {
        match &self.meaning {
            Meaning::Text(text) if text.sends.is_some() => {
                let text = Text { sends: None, ..text.clone() };
                Self::new(self.framing.clone(), Meaning::Text(text)).unwrap_or_else(|_| self.clone())
            }
            _ => self.clone(),
        }
    }

    /// The framing with its layers; it knows in which encoding the text is, if the payloads are text.
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

    /// A codec whose messages are JSON: `In` is what this end receives, `Out` what it sends.
    ///
    /// # Errors
    /// When the composition does not end in `json`.
    #[cfg(feature = "json")]
    pub fn json<In, Out>(self) -> Result<Formatted<Composed, crate::Json<In, Out>>, ComposeError>
    where
        In: serde::de::DeserializeOwned + Send + 'static,
        Out: serde::Serialize + 'static,
    {
        match self.meaning {
            Meaning::Json => Ok(Formatted::new(self.framing, crate::Json::new())),
            _ => Err(ComposeError::new(format!(
                "the messages of `{self}` are no JSON; end it in json, such as `{} | json`",
                self.framing
            ))),
        }
    }
}

impl FromStr for Composition {
    type Err = NotationError;

    fn from_str(text: &str) -> Result<Self, NotationError> {
        syntax::parse(text).and_then(|stages| read::composition(&stages)).map_err(|error| error.in_text(text))
    }
}

impl fmt::Display for Composition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.framing.fmt(f)?;
        match describe::meaning(&self.meaning) {
            Some(format) => write!(f, " | {}", format.print()),
            None => Ok(()),
        }
    }
}

impl FromStr for Composed {
    type Err = NotationError;

    fn from_str(text: &str) -> Result<Self, NotationError> {
        syntax::parse(text).and_then(|stages| read::framing(&stages)).map_err(|error| error.in_text(text))
    }
}

impl fmt::Display for Composed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stages: Vec<String> = describe::framing(self).iter().map(Given::print).collect();
        f.write_str(&stages.join(" | "))
    }
}
