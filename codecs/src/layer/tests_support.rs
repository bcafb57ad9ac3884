//! What the unit tests of the layers share.

use bytes::BytesMut;
use wirework_core::{EncodeError, FrameError, Framed, Layer, Undone};

/// What `layer` makes of a payload that came in: the payload without it, or what is wrong. `None` if it was dropped.
pub(super) fn undo<L: Layer + Clone>(layer: &L, wire: &[u8]) -> Result<Option<Vec<u8>>, FrameError> {
    match layer.clone().undo(Framed { frame: wire, payload: 0..wire.len() })? {
        Undone::Within(span) => Ok(Some(wire[span].to_vec())),
        Undone::Rewritten(payload) => Ok(Some(payload.to_vec())),
        Undone::Bad(error) => Err(error),
        Undone::Dropped => Ok(None),
    }
}

/// What `layer` makes of a payload that goes out, behind other bytes that it must leave alone.
pub(super) fn apply<L: Layer + Clone>(layer: &L, payload: &[u8]) -> Result<Vec<u8>, EncodeError> {
    let mut layer = layer.clone();
    let mut out = BytesMut::from(&[b"before", payload].concat()[..]);
    layer.apply(&mut out, 6)?;
    let len = out.len() - 6;
    layer.seal(&mut out[6..], 0..len)?;
    assert_eq!(&out[..6], b"before");
    Ok(out[6..].to_vec())
}

/// Asserts that `payload` is written as `wire`, and `wire` read as `payload`.
#[track_caller]
pub(super) fn both_ways<L: Layer + Clone + std::fmt::Debug>(layer: &L, payload: &[u8], wire: &[u8]) {
    layer.validate().unwrap();
    assert_eq!(apply(layer, payload).unwrap(), wire, "{layer:?} of {}", payload.escape_ascii());
    assert_eq!(undo(layer, wire).unwrap().unwrap(), payload, "{layer:?} of {}", wire.escape_ascii());
}

/// What is wrong with `wire`.
#[track_caller]
pub(super) fn refused<L: Layer + Clone>(layer: &L, wire: &[u8]) -> String {
    undo(layer, wire).unwrap_err().to_string()
}
