//! Escapes of one byte by two: tables, and PPP's exclusive or.

use std::ops::Range;
use std::sync::Arc;

use bytes::BytesMut;
use memchr::{memchr, memchr2, memchr3};
use wirework_core::{ByteKept, ComposeError, FrameError, Hex, Undone};

use super::grow;

/// Which bytes are written as two, and how they are read. Equal when declared alike.
#[derive(Clone, Debug)]
pub(crate) struct Substitution {
    pub(crate) rule: Rule,
    /// The first byte of every pair.
    escape: u8,
    /// The second byte of the pair for each byte that is escaped.
    written: [Option<u8>; 256],
    /// The byte that is meant by each second byte.
    read: [Option<u8>; 256],
    /// Finds what is escaped when it is written.
    escaped: Finder,
    /// Finds what cannot be read as it stands.
    suspect: Finder,
}

/// How an escape was declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    Table(Vec<(u8, [u8; 2])>),
    Xor { escape: u8, mask: u8, bytes: Vec<u8> },
}

impl PartialEq for Substitution {
    fn eq(&self, other: &Self) -> bool {
        self.rule == other.rule
    }
}

impl Eq for Substitution {}

impl Substitution {
    pub(super) fn table(pairs: impl IntoIterator<Item = (u8, [u8; 2])>) -> Self {
        let pairs: Vec<_> = pairs.into_iter().collect();
        let escape = pairs.first().map_or(0, |(_, [escape, _])| *escape);
        let (mut written, mut read) = ([None; 256], [None; 256]);
        for (byte, [_, second]) in &pairs {
            set(&mut written, *byte, *second);
            set(&mut read, *second, *byte);
        }
        let escaped = Finder::new(&written, escape);
        Self { rule: Rule::Table(pairs), escape, written, read, suspect: escaped.clone(), escaped }
    }

    pub(super) fn xor(escape: u8, mask: u8, bytes: impl IntoIterator<Item = u8>) -> Self {
        let bytes: Vec<_> = bytes.into_iter().collect();
        let (mut written, mut read) = ([None; 256], [None; 256]);
        for byte in bytes.iter().chain([&escape]) {
            set(&mut written, *byte, byte ^ mask);
        }
        for second in 0..=u8::MAX {
            set(&mut read, second, second ^ mask);
        }
        let rule = Rule::Xor { escape, mask, bytes };
        Self { rule, escape, escaped: Finder::new(&written, escape), suspect: Finder::One(escape), written, read }
    }

    /// The byte that is written twice, where that is all there is to it.
    pub(super) fn doubles(&self) -> Option<u8> {
        match &self.rule {
            Rule::Table(pairs) => match pairs[..] {
                [(byte, [first, second])] if first == byte && second == byte => Some(byte),
                _ => None,
            },
            Rule::Xor { .. } => None,
        }
    }

    /// What `byte` can be in what is written.
    pub(super) fn keeps(&self, byte: u8) -> ByteKept {
        match lookup(&self.written, byte) {
            _ if byte == self.escape || self.written.contains(&Some(byte)) => ByteKept::Unsure,
            Some(_) => ByteKept::Out,
            None => ByteKept::Itself,
        }
    }

    pub(super) fn validate(&self) -> Result<(), ComposeError> {
        match &self.rule {
            Rule::Table(pairs) => validate_table(pairs, self.escape),
            Rule::Xor { escape, mask, bytes } => {
                let marks = bytes.iter().chain([escape]);
                let Some(byte) = marks.clone().find(|byte| marks.clone().any(|mark| *mark == **byte ^ mask)) else {
                    return Ok(());
                };
                Err(ComposeError::new(format!(
                    "the byte {byte:02X} would be written {escape:02X} {:02X}, and {0:02X} is to be escaped itself; use another \
                     mask, such as 20 for 7E and 7D",
                    byte ^ mask
                )))
            }
        }
    }

    #[inline]
    pub(super) fn glance(&self, payload: &[u8]) -> Option<Range<usize>> {
        self.suspect.find(payload).is_none().then_some(0..payload.len())
    }

    #[inline]
    pub(super) fn undo(&self, payload: &[u8]) -> Undone {
        match self.suspect.find(payload) {
            None => Undone::Within(0..payload.len()),
            Some(first) => self.rewrite(payload, first),
        }
    }

    /// Undoes the escapes of a payload, of which the first stands at `first`.
    #[inline(never)]
    fn rewrite(&self, payload: &[u8], first: usize) -> Undone {
        let mut plain = BytesMut::with_capacity(payload.len());
        let (mut rest, mut run) = (payload, first);
        loop {
            let (before, behind) = rest.split_at_checked(run).unwrap_or((rest, &[]));
            plain.extend_from_slice(before);
            rest = match *behind {
                [] => return Undone::Rewritten(plain.freeze()),
                [escape, second, ref behind @ ..] if escape == self.escape => match lookup(&self.read, second) {
                    Some(byte) => {
                        plain.extend_from_slice(&[byte]);
                        behind
                    }
                    None => return self.malformed(payload, behind.len() + 2),
                },
                [..] => return self.malformed(payload, behind.len()),
            };
            run = self.suspect.find(rest).unwrap_or(rest.len());
        }
    }

    /// A payload of which the last `left` bytes begin with what is wrong.
    #[cold]
    fn malformed(&self, payload: &[u8], left: usize) -> Undone {
        let offset = payload.len().saturating_sub(left);
        let found = payload.get(offset..).unwrap_or_default();
        Undone::Bad(FrameError::malformed(match found {
            [escape] if *escape == self.escape => {
                format!("byte {offset} of the payload, its last, is the escape byte {}", Hex(found))
            }
            [escape, second, ..] if *escape == self.escape => {
                format!("bytes {offset} and {} of the payload are no escape: {}", offset + 1, Hex(&[*escape, *second]))
            }
            _ => format!(
                "byte {offset} of the payload should have been escaped: {}",
                Hex(found.get(..1).unwrap_or_default())
            ),
        }))
    }

    #[inline]
    pub(super) fn apply(&self, out: &mut BytesMut, start: usize) {
        let payload = out.get(start..).unwrap_or_default();
        if let Some(first) = self.escaped.find(payload) {
            self.escape(out, start, first);
        }
    }

    /// Escapes a payload in which the first byte to be escaped stands at `first`.
    #[inline(never)]
    fn escape(&self, out: &mut BytesMut, start: usize, first: usize) {
        let rest = out.get(start.saturating_add(first)..).unwrap_or_default();
        let more = rest.iter().filter(|byte| lookup(&self.written, **byte).is_some()).count();
        grow(out, start, more, |_, byte| lookup(&self.written, byte).map(|second| [self.escape, second]));
    }
}

fn validate_table(pairs: &[(u8, [u8; 2])], escape: u8) -> Result<(), ComposeError> {
    if pairs.is_empty() {
        return Err(ComposeError::new("an escape of no bytes does nothing; leave it out"));
    }
    if let Some((byte, pair)) = pairs.iter().find(|(_, [first, _])| *first != escape) {
        return Err(ComposeError::new(format!(
            "all pairs of an escape table begin with the same byte, and that for {byte:02X} begins not with {escape:02X} \
             but is {}; begin it with {escape:02X}",
            Hex(pair)
        )));
    }
    if !pairs.iter().any(|(byte, _)| *byte == escape) {
        return Err(ComposeError::new(format!(
            "the escape byte {escape:02X} must be escaped itself, else a payload with it in it cannot be told from an escape; \
             add a pair for it"
        )));
    }
    for (place, (byte, pair)) in pairs.iter().enumerate() {
        let mut others = pairs.iter().take(place);
        if let Some((other, _)) = others.find(|(other, second)| other == byte || second == pair) {
            return Err(ComposeError::new(format!(
                "an escape table holds each byte and each pair once, and that for {byte:02X}, {}, repeats that for {other:02X}; \
                 leave one out, or write another pair",
                Hex(pair)
            )));
        }
    }
    Ok(())
}

/// Finds the first of some bytes.
#[derive(Clone, Debug)]
enum Finder {
    One(u8),
    Two(u8, u8),
    Three(u8, u8, u8),
    Many(Arc<[bool; 256]>),
}

impl Finder {
    /// Of the bytes that are in `table`, or else of `escape`.
    fn new(table: &[Option<u8>; 256], escape: u8) -> Self {
        let bytes: Vec<u8> = (0..=u8::MAX).filter(|byte| lookup(table, *byte).is_some()).collect();
        match bytes[..] {
            [] => Self::One(escape),
            [a] => Self::One(a),
            [a, b] => Self::Two(a, b),
            [a, b, c] => Self::Three(a, b, c),
            _ => Self::Many(Arc::new(table.map(|second| second.is_some()))),
        }
    }

    #[inline]
    fn find(&self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::One(a) => memchr(*a, bytes),
            Self::Two(a, b) => memchr2(*a, *b, bytes),
            Self::Three(a, b, c) => memchr3(*a, *b, *c, bytes),
            Self::Many(set) => bytes.iter().position(|byte| set.get(usize::from(*byte)) == Some(&true)),
        }
    }
}

fn set(table: &mut [Option<u8>; 256], byte: u8, other: u8) {
    if let Some(entry) = table.get_mut(usize::from(byte)) {
        *entry = Some(other);
    }
}

#[inline]
fn lookup(table: &[Option<u8>; 256], byte: u8) -> Option<u8> {
    table.get(usize::from(byte)).copied().flatten()
}

#[cfg(test)]
mod tests {
    use wirework_core::Layer;

    use crate::layer::Escape;
    use crate::layer::tests_support::{both_ways, refused, undo};

    fn jt808() -> Escape {
        Escape::table([(0x7E, [0x7D, 0x02]), (0x7D, [0x7D, 0x01])])
    }

    #[test]
    fn escapes_at_either_end_and_side_by_side() {
        both_ways(&jt808(), b"", b"");
        both_ways(&jt808(), b"\x7d\x7e", b"\x7d\x01\x7d\x02");
        both_ways(&jt808(), b"\x7d\x02\x7d\x01", b"\x7d\x01\x02\x7d\x01\x01");
        both_ways(&Escape::doubling(0x10), b"\x10\x10\x10", b"\x10\x10\x10\x10\x10\x10");
    }

    #[test]
    fn many_bytes_are_escaped_as_few_are() {
        let controls = Escape::xor(0x7D, 0x20, (0..0x20).chain([0x7E]));
        both_ways(&controls, b"\x00a\x1f\x7d\x7e", b"\x7d\x20a\x7d\x3f\x7d\x5d\x7d\x5e");
        let irc = Escape::table([(b';', *b"\\:"), (b' ', *b"\\s"), (b'\\', *b"\\\\"), (b'\r', *b"\\r")]);
        both_ways(&irc, b"a; b\\ \r", b"a\\:\\sb\\\\\\s\\r");
    }

    #[test]
    fn a_table_reads_only_what_it_writes() {
        for (wire, why) in [
            (&b"ab\x7d\x03"[..], "bytes 2 and 3 of the payload are no escape: 7D 03"),
            (b"\x7d\x01\x7d", "byte 2 of the payload, its last, is the escape byte 7D"),
            (b"\x7d\x02\x7e", "byte 2 of the payload should have been escaped: 7E"),
        ] {
            assert_eq!(refused(&jt808(), wire), why);
        }
        let doubling = Escape::doubling(0x10);
        assert_eq!(refused(&doubling, b"A\x10B"), "bytes 1 and 2 of the payload are no escape: 10 42");
        assert_eq!(refused(&doubling, b"\x10\x10\x10"), "byte 2 of the payload, its last, is the escape byte 10");
    }

    #[test]
    fn an_exclusive_or_reads_what_other_peers_escape() {
        let ppp = Escape::xor(0x7D, 0x20, [0x7E]);
        assert_eq!(undo(&ppp, b"\x7d\x31\x11").unwrap().unwrap(), b"\x11\x11");
        assert_eq!(refused(&ppp, b"a\x7d"), "byte 1 of the payload, its last, is the escape byte 7D");
    }

    #[test]
    fn what_cannot_be_undone_is_refused_with_the_reason() {
        for (escape, why) in [
            (Escape::table([]), "leave it out"),
            (Escape::table([(0x7E, [0x7D, 2])]), "the escape byte 7D must be escaped itself"),
            (Escape::table([(0x7D, [0x7D, 1]), (0x7E, [0x7C, 2])]), "begin it with 7D"),
            (Escape::table([(0x7D, [0x7D, 1]), (0x7E, [0x7D, 1])]), "that for 7E, 7D 01, repeats that for 7D"),
            (Escape::table([(0x7D, [0x7D, 1]), (0x7D, [0x7D, 2])]), "that for 7D, 7D 02, repeats that for 7D"),
            (Escape::xor(0x7D, 0, [0x7E]), "use another mask"),
            (Escape::xor(0x7D, 3, [0x7E]), "would be written 7D 7D"),
        ] {
            let refused = escape.validate().unwrap_err().to_string();
            assert!(refused.contains(why), "{refused}");
        }
    }
}
