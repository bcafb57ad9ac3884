//! Arbitrary text and data, read as compositions.

use wirework_codecs::Composition;
use wirework_codecs::notation::{Composed, explain};

/// Reads an input as a composition in both notations. What can be read is printed as something that reads the same, and can
/// be drawn.
///
/// # Panics
/// When it is not.
pub fn notation(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    match text.parse::<Composition>() {
        Ok(composition) => round(&composition),
        Err(error) => drop(error.to_string()),
    }
    match text.parse::<Composed>() {
        Ok(composed) => assert_eq!(composed.to_string().parse().as_ref(), Ok(&composed), "{composed}"),
        Err(error) => drop(error.to_string()),
    }
    match serde_json::from_slice::<Composition>(input) {
        Ok(composition) => round(&composition),
        Err(error) => drop(error.to_string()),
    }
}

fn round(composition: &Composition) {
    let text = composition.to_string();
    let read = text.parse::<Composition>().unwrap_or_else(|error| panic!("{text} is not read again: {error}"));
    assert_eq!(read, *composition, "{text} reads as something else");
    assert_eq!(read.to_string(), text, "it prints in two ways");
    let data = serde_json::to_string(composition).expect("a composition is data");
    let read: Composition =
        serde_json::from_str(&data).unwrap_or_else(|error| panic!("{data} is not read again: {error}"));
    assert_eq!(read, *composition, "{data} reads as something else");
    let drawn = explain(composition);
    drop((drawn.to_string(), drawn.to_svg()));
}
