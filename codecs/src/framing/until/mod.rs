//! Frames that end with a terminator.

mod end;
mod progress;
mod sides;
mod spelt;
mod terminators;

use std::sync::Arc;

use bytes::BytesMut;
use wirework_core::{
    ComposeError, EncodeError, Encodings, FrameError, Framing, Input, Piece, Plain, SEARCHED_FRAME, Step, Tail,
};

use super::Delimiter;
pub(crate) use end::End;
pub(crate) use sides::Sides;
pub(crate) use spelt::Payloads;
pub(crate) use terminators::{Found, Terminators};

/// Frames that end with a terminator, or with one of several.
///
/// ```text
/// Until::new("|")                      61 7C 62 7C               →   61 | 62
/// Until::new("|").keep()               61 7C 62 7C               →   61 7C | 62 7C
/// Until::new("#").plus(2)              61 23 39 38 62 23 7C 23   →   61 23 39 38 | 62 23 7C 23
/// Until::new("\n").or("\r\n")          61 0A 62 0D 0A            →   61 | 62
/// Until::any_of([";", "END"])          61 3B 62 45 4E 44         →   61 | 62
/// Until::line("")                      61 0D 0A 0D 0A 0D 0A      →   61 0D 0A | (nothing)
/// Until::line(".")                     61 0D 0A 2E 0D 0A         →   61 0D 0A
/// Until::new("|").last(Give)           61 7C 62                  →   61 | 62
/// Until::new("|").last(Drop)           61 7C 62                  →   61
/// ```
///
/// A frame ends where the first of its terminators ends; of those that end there the longest is taken off. So LF or CR LF
/// needs no look ahead. The terminator named first is the one that is sent.
///
/// A payload that would not come out again as it is is refused when it is sent: one with a terminator in it, or one that
/// makes an earlier terminator together with the one behind it, as `a\r` before LF where CR LF is another.
///
/// A frame longer than [`max_len`](Until::max_len) loses the stream.
///
/// In text a terminator is those characters of its encoding, wherever their bytes may stand for others: see
/// [`Delimiter`]. A decoder of the whole stream sees them at the same places, also where the text is malformed.
///
/// ```text
/// Until::new("|") in GBK               82 7C 7C 61 7C            →   82 7C (倈) | 61
/// Until::new("|") in UTF-16LE          00 7C 7C 00               →   00 7C (簀)
/// ```
///
/// Where that cannot be told, the composition is refused with the reason, such as a character that the encoding lacks.
///
/// Behind a layer that doubles a byte (DLE), a terminator that begins with it (DLE ETX) is one only behind an even number
/// of them.
///
/// ```text
/// Until::new("\x10\x03"), 10 doubled   41 10 10 03 10 03         →   41 10 10 03
/// Until::new("\x10\x03").plus(1).doubled(0x10)
///                                      41 10 10 03 10 03 99      →   41 10 10 03 10 03 99
/// ```
#[derive(Clone, Debug)]
pub struct Until {
    pub(crate) ends: Arc<[End]>,
    pub(crate) keep: bool,
    pub(crate) plus: usize,
    pub(crate) doubled: Option<u8>,
    pub(crate) last: LastPiece,
    pub(crate) max: usize,
    /// The byte of which a layer has said that it writes it twice.
    told: Option<u8>,
    /// The ends as they stand on the wire.
    sides: Sides<Terminators>,
    /// The end of an unfinished frame, behind which not all bytes have come.
    ended: Option<Found>,
}

/// What happens to a last piece, which the stream ends without a terminator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LastPiece {
    /// It is an error: a peer that dies in the middle of `PAY 1000` has not said `PAY 10`.
    #[default]
    Refuse,
    /// It is a frame like any other.
    Give,
    /// It is left out.
    Drop,
}

impl Until {
    /// Frames that end with `terminator`.
    pub fn new(terminator: impl Into<Delimiter>) -> Self {
        Self::ended_by([End::new(terminator)])
    }

    /// Frames that end with any of `terminators`; the first of them is sent.
    pub fn any_of(terminators: impl IntoIterator<Item: Into<Delimiter>>) -> Self {
        Self::ended_by(terminators.into_iter().map(End::new))
    }

    /// Frames that end with a line that is exactly `line`: `""` for the empty line behind a head, `"."` for mail
    /// ([RFC 5321](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.4), section 4.1.1.4).
    ///
    /// Lines end with CR LF, and with nothing else: who takes a bare LF for a line end can be made to see a message where
    /// others see none. The payload is all that stands before that line, with the CR LF of the line before; so it is empty
    /// or ends with CR LF, and another is refused when it is sent.
    pub fn line(line: impl Into<Delimiter>) -> Self {
        Self::ended_by([End::line(line)])
    }

    fn ended_by(ends: impl IntoIterator<Item = End>) -> Self {
        let ends: Arc<[End]> = ends.into_iter().collect();
        Self {
            sides: Sides::new(Terminators::new(&ends), None),
            ends,
            keep: false,
            plus: 0,
            doubled: None,
            last: LastPiece::default(),
            max: SEARCHED_FRAME,
            told: None,
            ended: None,
        }
    }

    /// The terminator that is sent.
    pub(crate) fn sent(&self) -> &[u8] {
        self.sides.writes().0.sent()
    }

    /// Frames end with `terminator` as well, which is never sent.
    pub fn or(mut self, terminator: impl Into<Delimiter>) -> Self {
        self.ends = self.ends.iter().cloned().chain([End::new(terminator)]).collect();
        let terminators = Terminators::new(&self.ends);
        let terminators = match self.doubled {
            Some(byte) => terminators.doubling(byte),
            None => terminators,
        };
        self.sides = Sides::new(terminators, None);
        self
    }

    /// The terminator belongs to the payload: it is given with it, and must stand at its end when it is sent.
    pub fn keep(mut self) -> Self {
        self.keep = true;
        self
    }

    /// `n` more bytes stand behind the terminator, whatever they are, such as a check. The payload holds the terminator and
    /// them, as if by [`keep`](Until::keep), so that a check can cover the terminator. They are no text: behind them, as at the
    /// start of the stream, a character begins.
    pub fn plus(mut self, n: usize) -> Self {
        self.keep |= n > 0;
        self.plus = n;
        self
    }

    /// A layer writes `byte` twice wherever it stands in front of the terminator, which is then one only behind an even number of
    /// them. An [`Escape`](crate::layer::Escape) right behind the framing says so itself; it cannot where the terminator and what stands
    /// behind it belong to the payload, which are not doubled.
    pub fn doubled(mut self, byte: u8) -> Self {
        self.doubled = Some(byte);
        let terminators = self.sides.reads.doubling(byte);
        self.sides = Sides::new(terminators, None);
        self
    }

    /// What happens to a last piece that no terminator ends. Default: [`LastPiece::Refuse`].
    pub fn last(mut self, last: LastPiece) -> Self {
        self.last = last;
        self
    }

    /// The longest payload, in bytes, without the terminator and what stands behind it. Default: 64 KiB. Beyond it the stream is lost.
    pub fn max_len(mut self, max: usize) -> Self {
        self.max = max;
        self
    }

    /// How far a glance looks: heads that hold a number and little else are shorter.
    const NEAR: usize = 16;

    #[cold]
    fn too_long(&self) -> FrameError {
        FrameError::TooLong { claimed: None, max: self.max }
    }

    /// What becomes of `input`, of which `end` bytes are a frame and its terminator.
    #[inline(always)]
    fn frame(&mut self, (end, terminator): Found) -> Result<Step, FrameError> {
        let len = end.saturating_sub(terminator);
        if len > self.max {
            return Err(self.too_long());
        }
        self.sides.progress.advance(end);
        Ok(Step::Frame { span: 0..if self.keep { end } else { len }, advance: end })
    }

    /// What becomes of `input`, whose byte `last` may end a terminator: one has to look.
    #[inline(never)]
    fn look(&mut self, input: Input<'_>, last: usize) -> Result<Step, FrameError> {
        match self.sides.reads.find_from(&mut self.sides.progress, input.bytes, last) {
            Some(found) => self.frame(found),
            None => self.unfinished(input),
        }
    }

    /// What becomes of `input`, in which nothing ends a frame.
    #[inline(never)]
    fn unfinished(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        let len = input.bytes.len();
        // What may be the beginning of a terminator may belong to no payload.
        if len > self.max && len.saturating_sub(self.sides.reads.begun(&self.sides.progress, input.bytes)) > self.max {
            return Err(self.too_long());
        }
        if input.tail == Tail::Closed && self.last == LastPiece::Give && len > self.max {
            return Err(self.too_long());
        }
        Ok(self.piece(input, 1))
    }

    /// What becomes of `input`, which lacks this many bytes at least to be a frame.
    fn piece(&mut self, input: Input<'_>, lacking: usize) -> Step {
        let len = input.bytes.len();
        if input.tail != Tail::Closed || len == 0 || self.last == LastPiece::Refuse {
            return Step::More(lacking);
        }
        self.ended = None;
        self.sides.progress.advance(len);
        if self.last == LastPiece::Give { Step::Frame { span: 0..len, advance: len } } else { Step::Skip(len) }
    }

    /// What becomes of `input` where more bytes stand behind the terminator.
    #[inline(never)]
    fn split_behind(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        let found = self.ended.take().or_else(|| self.sides.reads.find(&mut self.sides.progress, input.bytes));
        let Some((end, terminator)) = found else {
            return self.unfinished(input);
        };
        if end.saturating_sub(terminator) > self.max {
            return Err(self.too_long());
        }
        let whole = end.saturating_add(self.plus);
        let lacking = whole.saturating_sub(input.bytes.len());
        if lacking > 0 {
            self.ended = found;
            return Ok(self.piece(input, lacking));
        }
        self.sides.progress.advance(whole);
        Ok(Step::Frame { span: 0..whole, advance: whole })
    }

    /// What is wrong with a payload of `len` bytes that stands in front of `frame`, if anything is.
    fn check(&self, frame: &[u8], len: usize) -> Result<(), EncodeError> {
        let (terminators, progress) = self.sides.writes();
        let mut progress = progress.afresh();
        let Some((end, terminator)) = terminators.find(&mut progress, frame) else {
            return Err(EncodeError::Incomplete(self.lacking().into()));
        };
        let found = end.saturating_sub(terminator);
        let whole = end.saturating_add(self.plus);
        if whole > frame.len() {
            return Err(EncodeError::Incomplete(self.lacking().into()));
        }
        let payload = if self.keep { whole } else { found };
        if whole != frame.len() || payload != len {
            let what = match frame.get(found..end).unwrap_or_default() {
                bytes if end <= len => Terminators::name(bytes),
                b"\r\n" => "CR before LF",
                _ => "another terminator, together with the one behind it",
            };
            return Err(EncodeError::Delimiter { offset: found, what });
        }
        if found > self.max {
            return Err(EncodeError::TooLong { len: found, max: self.max as u64 });
        }
        match terminators.unsettled(&progress, frame, found) {
            Some(why) => Err(EncodeError::Incomplete(why.into())),
            None => Ok(()),
        }
    }

    /// What a payload lacks behind which its terminator is none.
    fn lacking(&self) -> &'static str {
        if self.plus > 0 {
            "the payload does not end with its terminator and as many bytes behind it as belong there"
        } else if self.keep {
            "the payload does not end with its terminator, which belongs to it here"
        } else if self.ends.first().is_some_and(|end| end.whole_line) {
            "the payload does not end with CR LF, behind which alone a line can end the frame"
        } else if let Some(lacking) = self.sides.writes().0.lacking() {
            lacking
        } else {
            "the payload ends with half of a doubled byte, behind which no terminator is one"
        }
    }
}

impl PartialEq for Until {
    fn eq(&self, other: &Self) -> bool {
        let configuration = |until: &Self| (until.keep, until.plus, until.doubled, until.last, until.max);
        self.ends == other.ends && configuration(self) == configuration(other)
    }
}

impl Eq for Until {}

impl Framing for Until {
    #[inline(always)] // as `Driver::pull`
    fn glance(&self, bytes: &[u8]) -> Option<Plain> {
        let last = self.sides.progress.seen(bytes)?;
        let terminator = self.sides.reads.short(bytes, last)?;
        let advance = last + 1;
        let len = advance.saturating_sub(terminator);
        (len <= self.max && self.plus == 0).then_some(Plain { span: 0..if self.keep { advance } else { len }, advance })
    }

    #[inline(always)]
    fn taken(&mut self, advance: usize) {
        self.sides.progress.pass_seen(advance);
    }

    #[inline]
    fn glance_anew(&self, bytes: &[u8]) -> Option<Piece> {
        let (advance, terminator) = self.sides.reads.near(bytes.get(..Self::NEAR).unwrap_or(bytes))?;
        let len = advance.saturating_sub(terminator);
        let span = 0..if self.keep { advance } else { len };
        (len <= self.max && self.plus == 0).then(|| Piece { behind_head: span.clone(), span, advance })
    }

    #[inline]
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        if self.plus > 0 {
            return self.split_behind(input);
        }
        let Some(last) = self.sides.progress.next(input.bytes) else {
            return self.unfinished(input);
        };
        match self.sides.reads.short(input.bytes, last) {
            Some(terminator) => self.frame((last + 1, terminator)),
            None => self.look(input, last),
        }
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        let len = out.len().saturating_sub(start);
        if !self.keep {
            if len > self.max {
                return Err(EncodeError::TooLong { len, max: self.max as u64 });
            }
            out.extend_from_slice(self.sent());
        }
        self.check(out.get(start..).unwrap_or_default(), len)
    }

    fn trailer_len(&self) -> usize {
        if self.keep { 0 } else { self.sent().len() }
    }

    fn max_len(&self) -> usize {
        let behind = self
            .sides
            .reads
            .longest()
            .max(self.sides.writes().0.longest())
            .saturating_add(self.sides.reads.lookahead());
        self.max.saturating_add(behind).saturating_add(self.plus)
    }

    fn set_encodings(&mut self, encodings: &Encodings) -> Result<(), ComposeError> {
        let of = |list: &[_]| {
            let payloads = Payloads {
                encodings: list,
                kept: &encodings.kept,
                doubled: self.doubled.or(self.told),
                goes_on: self.plus > 0,
            };
            Terminators::in_text(&self.ends, payloads)
        };
        let reads = of(&encodings.reads)?;
        let writes = if encodings.are_the_same() { None } else { Some(of(&encodings.writes)?) };
        self.sides = Sides::new(reads, writes);
        Ok(())
    }

    fn set_doubled(&mut self, byte: u8) -> Result<(), ComposeError> {
        if self.keep && self.doubled != Some(byte) {
            return Err(ComposeError::new(format!(
                "the terminator belongs to the payload here, in which it would be doubled too; declare it with the framing, as \
                 doubled(0x{byte:02X}), and leave what is not doubled to other layers, or to Escape::but_last"
            )));
        }
        let mut terminators = self.sides.reads.clone();
        terminators.set_doubled(byte)?;
        self.sides = Sides::new(terminators, None);
        self.told = Some(byte);
        Ok(())
    }

    fn is_doubled(&self, byte: u8) -> bool {
        self.doubled == Some(byte)
    }

    fn validate(&self) -> Result<(), ComposeError> {
        if let Some(byte) = self.doubled {
            self.sides.reads.clone().set_doubled(byte)?;
        }
        self.sides.reads.validate()
    }

    fn swap_sides(&mut self) {
        self.sides.swap();
    }

    fn reset(&mut self) {
        self.ended = None;
        self.sides.progress.reset();
    }
}

#[cfg(test)]
mod tests {
    use wirework_core::{BoxFraming, Codec, Error, Formatted, Frames, Raw, encode_frame};

    use super::*;
    use crate::{Encoding, FramingExt, GBK, Text};

    fn frames(until: impl Framing, wire: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
        let mut frames = Frames::new(until);
        frames.push(wire);
        frames.close();
        let mut seen = Vec::new();
        while let Some(frame) = frames.next()? {
            seen.push(frame.bytes().to_vec());
        }
        Ok(seen)
    }

    fn encoded(until: &Until, payload: &[u8]) -> Result<Vec<u8>, EncodeError> {
        let mut out = BytesMut::new();
        encode_frame(&mut until.clone(), &mut Raw, payload, &mut out).map(|()| out.to_vec())
    }

    fn doubled(mut until: Until) -> Until {
        until.set_doubled(0x10).unwrap();
        until
    }

    #[test]
    fn the_pictures() {
        for (until, wire, payloads) in [
            (Until::new("|"), &b"a|b|"[..], &[&b"a"[..], b"b"][..]),
            (Until::new("|").keep(), b"a|b|", &[b"a|", b"b|"]),
            (Until::new("#").plus(2), b"a#98b#|#", &[b"a#98", b"b#|#"]),
            (Until::new("\n").or("\r\n"), b"a\nb\r\n", &[b"a", b"b"]),
            (Until::any_of([";", "END"]), b"a;bEND", &[b"a", b"b"]),
            (Until::line(""), b"a\r\n\r\n\r\n", &[b"a\r\n", b""]),
            (Until::line("."), b"a\r\n.\r\n", &[b"a\r\n"]),
            (Until::new("|").last(LastPiece::Give), b"a|b", &[b"a", b"b"]),
            (Until::new("|").last(LastPiece::Drop), b"a|b", &[b"a"]),
            (doubled(Until::new("\x10\x03")), b"A\x10\x10\x03\x10\x03", &[b"A\x10\x10\x03"]),
        ] {
            assert_eq!(frames(until.clone(), wire).unwrap(), payloads, "{until:?}");
        }
    }

    #[test]
    fn the_first_terminator_is_sent() {
        assert_eq!(encoded(&Until::new("\n").or("\r\n"), b"a").unwrap(), b"a\n");
        assert_eq!(encoded(&Until::any_of(["\r\n", "\n"]), b"a").unwrap(), b"a\r\n");
        assert_eq!(encoded(&Until::line("."), b"a\r\n").unwrap(), b"a\r\n.\r\n");
        assert_eq!(encoded(&Until::line("."), b"").unwrap(), b".\r\n");
        assert_eq!(encoded(&Until::new("|").or(";").keep(), b"a;").unwrap(), b"a;", "as it is");
    }

    #[test]
    fn what_would_not_come_out_as_it_is_is_refused_with_the_place() {
        for (until, payload, why) in [
            (Until::new("|"), &b"a|b"[..], "byte 1 of the payload would end the frame: a terminator"),
            (Until::new("\n").or("\r\n"), b"a\r\nb", "byte 1 of the payload would end the frame: CR LF"),
            (Until::new("\n").or("\r\n"), b"a\r", "byte 1 of the payload would end the frame: CR before LF"),
            (Until::new("aa"), b"ba", "byte 1 of the payload would end the frame: another terminator"),
            (Until::new("|").keep(), b"a", "does not end with its terminator"),
            (Until::new("|").keep(), b"a|b|", "byte 1 of the payload"),
            (Until::new("|").keep(), b"a|b", "byte 1 of the payload"),
            (Until::new("#").plus(2), b"a12", "and as many bytes behind it"),
            (Until::new("#").plus(2), b"a#1", "and as many bytes behind it"),
            (Until::new("#").plus(2), b"a#123", "byte 1 of the payload"),
            (Until::new("#").plus(2).max_len(2), b"abc#12", "3 bytes are more than the 2"),
            (Until::line("."), b"a", "does not end with CR LF"),
            (Until::line("."), b"a\n", "does not end with CR LF"),
            (Until::line("."), b"a\r\n.\r\nb\r\n", "byte 3 of the payload"),
            (Until::new("|").max_len(2), b"abc", "3 bytes are more than the 2"),
            (Until::new("|").max_len(2).keep(), b"abc|", "3 bytes are more than the 2"),
            (doubled(Until::new("\x10\x03")), b"A\x10", "half of a doubled byte"),
        ] {
            let error = encoded(&until, payload).unwrap_err().to_string();
            assert!(error.contains(why), "{until:?} {payload:?}: {error}");
        }
    }

    #[test]
    fn a_last_piece_may_lack_bytes_behind_its_terminator() {
        let until = Until::new("#").plus(2).max_len(1);
        assert!(frames(until.clone(), b"a#1").is_err());
        assert_eq!(frames(until.clone().last(LastPiece::Give), b"a###a#1").unwrap(), [&b"a###"[..], b"a#1"]);
        assert_eq!(frames(until.last(LastPiece::Drop), b"a#12a#").unwrap(), [b"a#12"]);
    }

    #[test]
    fn many_frames_with_a_terminator_behind_their_terminator_in_one_read() {
        assert_eq!(frames(Until::new("#").plus(2), &b"ab##1".repeat(200)).unwrap(), vec![b"ab##1"; 200]);
    }

    #[test]
    fn what_is_reset_starts_afresh() {
        let mut until = Until::new("#").plus(2);
        let tail = Tail::Open;
        assert!(matches!(until.split(Input { bytes: b"a#1", tail }), Ok(Step::More(1))));
        until.reset();
        assert!(matches!(until.split(Input { bytes: b"abcd", tail }), Ok(Step::More(1))));
    }

    #[test]
    fn a_terminator_that_is_not_doubled_is_declared_with_the_framing() {
        let plus = || Until::new("\x10\x03").plus(1);
        for mut kept in [plus(), Until::new("\x10\x03").keep()] {
            let refused = kept.set_doubled(0x10).unwrap_err().to_string();
            assert!(refused.contains("doubled(0x10)"), "{refused}");
        }
        for declared in [plus().doubled(0x10), Until::new("\x10\x03").doubled(0x10).plus(1)] {
            assert!(declared.is_doubled(0x10) && !declared.is_doubled(0x11));
            assert_eq!(frames(declared, b"A\x10\x10\x03\x10\x03\x99").unwrap(), [b"A\x10\x10\x03\x10\x03\x99"]);
        }
        assert_eq!(Until::new("|").doubled(0x10).or("\x10\x03"), Until::new("|").or("\x10\x03").doubled(0x10));
        assert!(Until::new("\x10").doubled(0x10).compose().is_err(), "it cannot be told");
    }

    #[test]
    fn a_bare_line_feed_is_no_line_end_of_mail() {
        let smuggled = b"a\n.\nb\n.\r\nc\r\n.\nd\r\n.\r\n";
        assert_eq!(frames(Until::line("."), smuggled).unwrap(), [&smuggled[..smuggled.len() - 3]]);
    }

    #[test]
    fn the_limit_is_exact_for_every_cut() {
        for (until, end) in [
            (Until::new("END"), "END"),
            (Until::new("|").or("ND|"), "ND|"),
            (Until::new("|").keep(), "|"),
            (doubled(Until::new("\x10\x03")), "\x10\x03"),
        ] {
            for (len, fits) in [(3, true), (4, true), (5, false)] {
                let wire = "x".repeat(len) + end;
                assert_eq!(frames(until.clone().max_len(4), wire.as_bytes()).is_ok(), fits, "{until:?} {wire:?}");
                let mut slow = Frames::new(until.clone().max_len(4));
                let ok = wire.bytes().all(|byte| {
                    slow.push(&[byte]);
                    slow.next().is_ok()
                });
                assert_eq!(ok, fits, "{until:?} {wire:?} byte by byte");
            }
        }
    }

    #[test]
    fn what_is_too_long_is_known_at_the_first_byte_too_many() {
        let mut frames = Frames::new(Until::new("END").max_len(4));
        frames.push(b"abcdEN");
        assert!(frames.next().unwrap().is_none());
        frames.push(b"x");
        let error = frames.next().unwrap_err().to_string();
        assert!(error.contains("longer than 4 bytes"), "{error}");
    }

    #[test]
    fn a_last_piece_that_is_given_has_no_terminator_to_begin() {
        let until = Until::new("\r\n").last(LastPiece::Give).max_len(4);
        assert_eq!(frames(until.clone(), b"abc\r").unwrap(), [b"abc\r"]);
        let error = frames(until, b"abcd\r").unwrap_err().to_string();
        assert!(error.contains("longer than 4 bytes"), "{error}");
    }

    #[test]
    fn a_terminator_is_a_character_of_the_encoding() {
        let utf_16 = Encoding::for_label("utf-16le").unwrap();
        for (until, encoding, wire, payloads) in [
            (Until::new("|"), GBK, &b"\x82||a|"[..], &[&b"\x82|"[..], b"a"][..]),
            (Until::new("|"), utf_16, b"\0||\0", &[b"\0|"]),
            (Until::new("，"), GBK, b"\xa3\xa3\xac\xa3\xac", &[]),
            (Until::new("，"), GBK, b"\xa3\xa3\xac|\xa3\xac", &[b"\xa3\xa3\xac|"]),
            (Until::new("€"), GBK, b"a\x80b\xa2\xe3", &[b"a", b"b"]),
            (Until::new("5"), GBK, b"\x815\x815a5\x815a5", &[b"\x815\x815a", b"\x81", b"a"]),
            (Until::new("倈5").or("|"), GBK, b"a\x82|5b|", &[b"a", b"b"]),
            (Until::new("||").or("END"), GBK, b"\x82|||\x81ENDaEND", &[b"\x82|", b"\x81ENDa"]),
            (Until::line("."), utf_16, b"a\0\r\0\n\0.\0\r\0\n\0", &[b"a\0\r\0\n\0"]),
        ] {
            let (until, _) = until.last(LastPiece::Drop).text(encoding).compose().unwrap();
            assert_eq!(frames(until.clone(), wire).unwrap(), payloads, "{until:?} {wire:02x?}");
            for payload in payloads.iter().filter(|payload| !payload.starts_with(b"\x81\x35") && **payload != b"\x81") {
                assert!(encoded(&until, payload).is_ok(), "{until:?} {payload:02x?}");
            }
        }
    }

    #[test]
    fn a_payload_that_would_change_what_stands_behind_it_is_refused() {
        let japanese = Encoding::for_label("iso-2022-jp").unwrap();
        for (encoding, payload, why) in [
            (GBK, &b"a\x81"[..], "within a character"),
            (japanese, b"\x1b$B8@", "behind an escape sequence, where"),
            (japanese, b"\x1b(Ja", "says what the bytes behind it are"),
        ] {
            let (until, _) = Until::new("|").text(encoding).compose().unwrap();
            let refused = encoded(&until, payload).unwrap_err().to_string();
            assert!(refused.contains(why), "{refused}");
        }
    }

    #[test]
    fn a_terminator_that_may_be_part_of_a_character_is_waited_for_within_the_limit() {
        let (until, _) = Until::new("5").max_len(1).text(GBK).compose().unwrap();
        for cut in 0..4 {
            let mut frames = Frames::new(until.clone());
            frames.push(&b"\x815a"[..cut.min(3)]);
            let early = frames.next().unwrap().is_some();
            frames.push(&b"\x815a"[cut.min(3)..]);
            assert!(early == (cut == 3) && (early || frames.next().unwrap().is_some()), "cut at {cut}");
        }
    }

    #[test]
    fn where_characters_cannot_be_told_it_is_refused_with_an_example() {
        use crate::layer::{Check, Constant};
        let refused = |codec: Formatted<BoxFraming, Text>| codec.compose().unwrap_err().to_string();
        let checked = Until::new("|").layer(Check::xor8()).boxed().text(GBK);
        let why = refused(checked);
        assert!(why.contains("亅 is 81 7C") && why.contains("write a check as digits"), "{why}");
        Until::new("|").layer(Check::xor8().as_hex()).text(GBK).compose().unwrap();
        Until::new(",").layer(Check::xor8()).text(GBK).compose().unwrap();
        let wide = Until::new("|").layer(Check::xor8().as_hex()).boxed().text(Encoding::for_label("utf-16le").unwrap());
        let why = refused(wide);
        assert!(why.ends_with("such as those of a check; use a length prefix"), "{why}");
        let half = Until::new("|").layer(Constant::after(b"\x81")).boxed().text(GBK);
        assert!(refused(half).contains("no text"));
        let lacks = refused(Until::new("😀").boxed().text(GBK));
        assert!(lacks.contains("GBK has no character"), "{lacks}");
    }

    #[test]
    fn the_other_end_reads_in_the_encoding_in_which_this_one_writes() {
        let mut encodings = Encodings::one(GBK);
        encodings.writes = Encodings::one(Encoding::for_label("utf-16be").unwrap()).writes;
        let mut until = Until::new("|");
        until.set_encodings(&encodings).unwrap();
        assert_eq!(frames(until.clone(), b"a|").unwrap(), [b"a"]);
        assert_eq!(encoded(&until, b"\0a").unwrap(), b"\0a\0|");
        until.swap_sides();
        assert_eq!(frames(until.clone(), b"\0a\0|").unwrap(), [b"\0a"]);
        assert_eq!(encoded(&until, b"a").unwrap(), b"a|");
    }

    #[test]
    fn equal_is_what_is_configured_alike() {
        let mut searching = Until::new("|");
        searching.split(Input { bytes: b"abc", tail: Tail::Open }).unwrap();
        assert_eq!(searching, Until::new("|"));
        assert_ne!(Until::new("|"), Until::new("|").keep());
        assert_ne!(Until::new("\r\n"), Until::line(""));
        assert_ne!(Until::new("\n").or("\r\n"), Until::any_of(["\r\n", "\n"]), "they send something else");
    }
}
