//! Payloads in which some bytes are written otherwise, so that a mark can never stand in them.

mod cobs;
mod dots;
mod substitution;

use std::ops::Range;
use std::sync::Arc;

use bytes::BytesMut;
use wirework_core::{BytesKept, ComposeError, EncodeError, FrameError, Framed, Layer, TextEncoding, TextKept, Undone};

use super::kept_beside;

pub(crate) use substitution::Rule;
use substitution::Substitution;

/// Some bytes of a payload are written otherwise, so that a mark can never stand in it.
///
/// ```text
///                                                                        payload              on the wire
/// Escape::table([(0x7E, [0x7D, 0x02]), (0x7D, [0x7D, 0x01])])            30 7E 41 7D          30 7D 02 41 7D 01
/// Escape::table([(0xC0, [0xDB, 0xDC]), (0xDB, [0xDB, 0xDD])])            C0 DB                DB DC DB DD
/// Escape::xor(0x7D, 0x20, [0x7E])                                        30 7E 41 7D          30 7D 5E 41 7D 5D
/// Escape::doubling(0x10)                                                 41 10 42             41 10 10 42
/// Escape::doubling(0x10).but_last(2)                                     41 10 10 03          41 10 10 10 03
/// Escape::dots()                                                         .a CR LF b. CR LF    ..a CR LF b. CR LF
/// Escape::cobs()                                                         11 22 00 33          03 11 22 02 33
/// ```
///
/// A payload in which nothing is escaped is read where it stands and written as it is, without a copy. A malformed escape
/// makes a bad frame; the stream goes on behind it.
///
/// ```
/// use wirework_codecs::{FramingExt, Lines};
/// use wirework_codecs::layer::Escape;
///
/// // Lines whose messages may hold line feeds.
/// let lines = Lines::lf().layer(Escape::table([(b'\n', *b"\\n"), (b'\\', *b"\\\\")]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escape {
    pub(crate) kind: Kind,
    pub(crate) but_last: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Substitution(Arc<Substitution>),
    Dots,
    Cobs,
}

impl Escape {
    fn new(kind: Kind) -> Self {
        Self { kind, but_last: 0 }
    }

    /// Each of these bytes is written as two. All pairs begin with the same byte, the escape byte, which is in the table
    /// itself: JT/T 808 (section 4.4.2) and SLIP (RFC 1055) above.
    ///
    /// Read is exactly what would be written: a byte of the table that is not escaped, or an escape byte in front of
    /// anything else, makes a bad frame.
    pub fn table(pairs: impl IntoIterator<Item = (u8, [u8; 2])>) -> Self {
        Self::new(Kind::Substitution(Arc::new(Substitution::table(pairs))))
    }

    /// Each of these bytes, and `escape` itself, is written as `escape` and then the byte with the bits of `mask` turned
    /// over: PPP in HDLC-like framing (RFC 1662, section 4.2).
    ///
    /// Peers may differ in what they escape, as RFC 1662 allows: read is any byte behind `escape`, and any other byte as it
    /// is.
    pub fn xor(escape: u8, mask: u8, bytes: impl IntoIterator<Item = u8>) -> Self {
        Self::new(Kind::Substitution(Arc::new(Substitution::xor(escape, mask, bytes))))
    }

    /// `byte` is written twice wherever it stands. The framing is told, so that a mark which begins with `byte`, such as
    /// DLE ETX, is one only behind an even number of them. It is the table with this one pair.
    pub fn doubling(byte: u8) -> Self {
        Self::table([(byte, [byte, byte])])
    }

    /// A dot at the start of a line that ends in CR LF is written twice: SMTP (RFC 5321, section 4.5.2), NNTP (RFC 3977,
    /// section 3.1.1), POP3 (RFC 1939, section 3).
    ///
    /// Read is any dot in front of at least one more character of the line, and taken away, as RFC 5321 says; a line of
    /// nothing but a dot makes a bad frame.
    pub fn dots() -> Self {
        Self::new(Kind::Dots)
    }

    /// Consistent overhead byte stuffing: no byte `00` is left, at the cost of one byte in front and one more for each 254
    /// bytes without a `00` (Cheshire and Baker, IEEE/ACM Transactions on Networking 7(2), 1999).
    ///
    /// Behind 254 bytes at the end of a payload, which need no code of their own, the superfluous code `01` that some
    /// encoders write is read too.
    pub fn cobs() -> Self {
        Self::new(Kind::Cobs)
    }

    /// The last `n` bytes of a payload stand as they are, such as a mark and a check behind it that a framing gives with the
    /// payload. A shorter payload is refused. Default: 0.
    pub fn but_last(mut self, n: usize) -> Self {
        self.but_last = n;
        self
    }

    fn undo_all(&self, payload: &[u8]) -> Undone {
        match &self.kind {
            Kind::Substitution(substitution) => substitution.undo(payload),
            Kind::Dots => dots::undo(payload),
            Kind::Cobs => cobs::undo(payload),
        }
    }

    fn apply_all(&self, out: &mut BytesMut, start: usize) {
        match &self.kind {
            Kind::Substitution(substitution) => substitution.apply(out, start),
            Kind::Dots => dots::apply(out, start),
            Kind::Cobs => cobs::apply(out, start),
        }
    }

    /// How much of a payload of `len` bytes is escaped, or that it is too short.
    fn escaped(&self, len: usize) -> Result<usize, String> {
        let lacking = || format!("{len} bytes are too few: the last {} are as they are", self.but_last);
        len.checked_sub(self.but_last).ok_or_else(lacking)
    }

    #[inline(never)]
    fn undo_but_last(&self, payload: &[u8]) -> Undone {
        let (escaped, last) = match self.escaped(payload.len()) {
            Ok(escaped) => payload.split_at_checked(escaped).unwrap_or((payload, &[])),
            Err(why) => return Undone::Bad(FrameError::malformed(why)),
        };
        match self.undo_all(escaped) {
            Undone::Within(span) if span == (0..escaped.len()) => Undone::Within(0..payload.len()),
            Undone::Within(span) => Undone::Rewritten([escaped.get(span).unwrap_or_default(), last].concat().into()),
            Undone::Rewritten(plain) => Undone::Rewritten([&plain, last].concat().into()),
            other => other,
        }
    }

    #[inline(never)]
    fn apply_but_last(&self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        let len = out.len().saturating_sub(start);
        let escaped = self.escaped(len).map_err(|why| EncodeError::Incomplete(why.into()))?;
        let last = out.split_off(start.saturating_add(escaped));
        self.apply_all(out, start);
        out.extend_from_slice(&last);
        Ok(())
    }
}

impl Layer for Escape {
    #[inline]
    fn glance(&self, framed: Framed<'_>) -> Option<Range<usize>> {
        match &self.kind {
            Kind::Substitution(substitution) if self.but_last == 0 => substitution.glance(framed.payload()),
            _ => None,
        }
    }

    #[inline]
    fn undo(&mut self, framed: Framed<'_>) -> Result<Undone, FrameError> {
        let payload = framed.payload();
        Ok(if self.but_last == 0 { self.undo_all(payload) } else { self.undo_but_last(payload) })
    }

    #[inline]
    fn apply(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        if self.but_last > 0 {
            return self.apply_but_last(out, start);
        }
        self.apply_all(out, start);
        Ok(())
    }

    fn rewrites(&self) -> bool {
        true
    }

    fn doubles(&self) -> Option<u8> {
        match &self.kind {
            Kind::Substitution(substitution) => substitution.doubles(),
            Kind::Dots | Kind::Cobs => None,
        }
    }

    fn keeps_text(&self, encoding: &dyn TextEncoding) -> TextKept {
        match &self.kind {
            Kind::Substitution(substitution) => TextKept::Rewritten(BytesKept::new(|byte| substitution.keeps(byte))),
            Kind::Dots if self.but_last == 0 && kept_beside(b".", encoding) == TextKept::Whole => TextKept::Whole,
            Kind::Dots => TextKept::Rewritten(BytesKept::new(dots::keeps)),
            Kind::Cobs => TextKept::Rewritten(BytesKept::new(cobs::keeps)),
        }
    }

    fn validate(&self) -> Result<(), ComposeError> {
        match &self.kind {
            Kind::Substitution(substitution) => substitution.validate(),
            Kind::Dots | Kind::Cobs => Ok(()),
        }
    }
}

/// Writes some bytes of the payload `out[start..]` as two, which makes it `more` bytes longer. `pair` is given the bytes in
/// front of a byte and the byte, and says what is written in its place.
///
/// It goes from the back to the front, so that what it still has to read is never written over, and ends where nothing is
/// left to be moved.
fn grow(out: &mut BytesMut, start: usize, more: usize, pair: impl Fn(&[u8], u8) -> Option<[u8; 2]>) {
    let (mut read, mut write) = (out.len().saturating_sub(start), out.len().saturating_sub(start).saturating_add(more));
    out.resize(start.saturating_add(write), 0);
    let payload = out.get_mut(start..).unwrap_or_default();
    while read < write {
        let Some((byte, before)) = payload.get(..read).and_then(<[u8]>::split_last) else { return };
        let (byte, two) = (*byte, pair(before, *byte));
        let width = if two.is_some() { 2 } else { 1 };
        read -= 1;
        write -= width;
        match (payload.get_mut(write..), two) {
            (Some([first, second, ..]), Some(two)) => [*first, *second] = two,
            (Some([first, ..]), None) => *first = byte,
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::tests_support::{apply, both_ways, refused};

    #[test]
    fn the_pictures() {
        let jt808 = Escape::table([(0x7E, [0x7D, 0x02]), (0x7D, [0x7D, 0x01])]);
        let slip = Escape::table([(0xC0, [0xDB, 0xDC]), (0xDB, [0xDB, 0xDD])]);
        for (escape, payload, wire) in [
            (jt808, &b"\x30\x7e\x41\x7d"[..], &b"\x30\x7d\x02\x41\x7d\x01"[..]),
            (slip, b"\xc0\xdb", b"\xdb\xdc\xdb\xdd"),
            (Escape::xor(0x7D, 0x20, [0x7E]), b"\x30\x7e\x41\x7d", b"\x30\x7d\x5e\x41\x7d\x5d"),
            (Escape::doubling(0x10), b"A\x10B", b"A\x10\x10B"),
            (Escape::doubling(0x10).but_last(2), b"A\x10\x10\x03", b"A\x10\x10\x10\x03"),
            (Escape::dots(), b".a\r\nb.\r\n", b"..a\r\nb.\r\n"),
            (Escape::cobs(), b"\x11\x22\0\x33", b"\x03\x11\x22\x02\x33"),
        ] {
            both_ways(&escape, payload, wire);
        }
    }

    #[test]
    fn what_is_shorter_than_what_is_left_alone_is_refused() {
        let escape = Escape::doubling(0x10).but_last(2);
        both_ways(&escape, b"\x10\x10", b"\x10\x10");
        assert_eq!(refused(&escape, b"\x10"), "1 bytes are too few: the last 2 are as they are");
        assert!(matches!(apply(&escape, b"\x10"), Err(EncodeError::Incomplete(_))));
    }

    #[test]
    fn a_framing_is_told_of_what_is_doubled_and_of_nothing_else() {
        assert_eq!(Escape::doubling(0x10).doubles(), Some(0x10));
        assert_eq!(Escape::table([(0x10, [0x10, 0x10])]), Escape::doubling(0x10));
        assert_eq!(Escape::table([(b'|', *b"\\p"), (b'\\', *b"\\\\")]).doubles(), None);
        assert_eq!(Escape::xor(0x7D, 0x20, []).doubles(), None);
    }
}
