//! The protocols of tests/gallery/protocols.toml.
#![allow(dead_code, reason = "each test takes what it needs of it")]

use serde::{Deserialize, Deserializer};
use wirework::Composition;

/// A protocol, as a composition and as bytes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Protocol {
    pub(crate) name: String,
    /// What it is used for.
    pub(crate) group: String,
    /// Where it is written down, for everybody to read.
    pub(crate) reference: String,
    pub(crate) composition: String,
    pub(crate) bytes_from: String,
    #[serde(deserialize_with = "bytes")]
    pub(crate) wire: Vec<u8>,
    #[serde(deserialize_with = "all_bytes")]
    pub(crate) frames: Vec<Vec<u8>>,
    pub(crate) note: String,
}

impl Protocol {
    /// The composition, read by the text notation.
    pub(crate) fn composition(&self) -> Result<Composition, String> {
        self.composition.parse().map_err(|error| format!("{error}"))
    }
}

/// All of them, in the order of the file.
pub(crate) fn protocols() -> Vec<Protocol> {
    #[derive(Deserialize)]
    struct Gallery {
        protocol: Vec<Protocol>,
    }
    let gallery: Gallery = toml::from_str(include_str!("../gallery/protocols.toml")).expect("a table of protocols");
    gallery.protocol
}

fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    unhex(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

fn all_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<u8>>, D::Error> {
    let all = Vec::<String>::deserialize(deserializer)?;
    all.iter().map(|digits| unhex(digits).map_err(serde::de::Error::custom)).collect()
}

fn unhex(digits: &str) -> Result<Vec<u8>, String> {
    let digits: Option<Vec<u32>> = digits.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0).ok_or("bytes are two hexadecimal digits each")?;
    Ok(digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect())
}
