//! Real protocols, each a composition of one line: tests/gallery/protocols.toml, from which docs/gallery.md is written.

#[path = "gallery_support/docs.rs"]
mod docs;
mod gallery_support;
mod made;

use docs::docs;
use gallery_support::{Protocol, protocols};
use wirework::Composition;
use wirework::core::{BytesMut, Error, Frames, Framing, Raw, encode_frame};
use wirework::notation::{Composed, explain};

/// Tries every protocol, and fails with the names of those that are not as they should be.
fn each(attempt: impl Fn(&Protocol, &Composition) -> Result<(), String>) {
    let wrong: Vec<String> = protocols()
        .iter()
        .filter_map(|protocol| {
            let attempt = protocol.composition().and_then(|composition| attempt(protocol, &composition));
            attempt.err().map(|why| format!("{}: {why}", protocol.name))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of the protocols:\n{}", wrong.len(), wrong.join("\n"));
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found:02X?}\n    expected {expected:02X?}")) }
}

#[test]
fn there_are_many_and_each_has_a_name_of_its_own() {
    let mut names: Vec<String> = protocols().into_iter().map(|protocol| protocol.name).collect();
    assert!(names.len() >= 100, "{} protocols", names.len());
    names.sort();
    names.dedup();
    assert_eq!(names.len(), protocols().len());
}

#[test]
fn each_is_printed_as_what_it_is_read_from() {
    each(|_, composition| {
        let text = composition.to_string();
        same(&text, text.parse().as_ref(), Ok(composition))?;
        let data = serde_json::to_value(composition).map_err(|error| error.to_string())?;
        let read = serde_json::from_value(data.clone()).map_err(|error| error.to_string());
        same(&data.to_string(), read.as_ref(), Ok(composition))
    });
}

#[test]
fn each_decodes_to_its_frames_however_it_comes() {
    each(|protocol, composition| {
        let (wire, framing) = (&protocol.wire, composition.framing());
        // Where all that has come is a frame, other reads are other frames.
        let as_it_comes = composition.to_string().starts_with("chunk");
        same("in one read", pushed(framing, [&wire[..]]), Ok(protocol.frames.clone()))?;
        if !as_it_comes {
            same("byte by byte", pushed(framing, wire.chunks(1)), Ok(protocol.frames.clone()))?;
        }
        same("lent", lent(framing, wire), Ok(protocol.frames.clone()))
    });
}

fn pushed<'a>(framing: &Composed, reads: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Vec<u8>>, String> {
    let mut frames = Frames::new(framing.clone());
    let mut found = Vec::new();
    for read in reads {
        frames.push(read);
        drain(&mut frames, &mut found)?;
    }
    frames.close();
    drain(&mut frames, &mut found)?;
    Ok(found)
}

fn lent(framing: &Composed, wire: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let mut frames = Frames::new(framing.clone());
    let mut found = Vec::new();
    let mut lent = frames.lend(wire);
    while let Some(frame) = lent.next().map_err(|error| error.to_string())? {
        found.push(frame.bytes().to_vec());
    }
    drop(lent);
    frames.close();
    drain(&mut frames, &mut found)?;
    Ok(found)
}

fn drain(frames: &mut Frames<Composed>, found: &mut Vec<Vec<u8>>) -> Result<(), String> {
    while let Some(frame) = frames.next().map_err(|error| error.to_string())? {
        found.push(frame.bytes().to_vec());
    }
    Ok(())
}

#[test]
fn each_encodes_to_its_wire() {
    each(|protocol, composition| {
        let mut framing = composition.framing().clone();
        // What was decoded here is sent by the other side.
        framing.swap_sides();
        let mut wire = BytesMut::new();
        for frame in &protocol.frames {
            encode_frame(&mut framing, &mut Raw, frame, &mut wire).map_err(|error| format!("{frame:02X?}: {error}"))?;
        }
        same("encoded", &wire[..], &protocol.wire[..])
    });
}

#[test]
fn no_byte_that_is_another_makes_any_panic() {
    each(|protocol, composition| {
        for place in 0..protocol.wire.len() {
            for other in [0x00, 0x20, 0x39, 0x7F, 0x80, 0xFF, protocol.wire[place] ^ 1] {
                let mut wire = protocol.wire.clone();
                wire[place] = other;
                let mut frames = Frames::new(composition.framing().clone());
                frames.push(&wire);
                frames.close();
                while matches!(frames.next(), Ok(Some(_)) | Err(Error::Bad(_))) {}
            }
        }
        Ok(())
    });
}

#[test]
fn each_can_be_drawn() {
    each(|_, composition| {
        let drawn = explain(composition).to_string();
        if drawn.contains('│') { Ok(()) } else { Err(format!("nothing is drawn:\n{drawn}")) }
    });
}

/// `WIREWORK_WRITE_DOCS=1 cargo test --test gallery` writes it anew.
#[test]
fn the_documentation_shows_what_is_tried_here() {
    made::is("docs/gallery.md", &docs(&protocols()));
}
