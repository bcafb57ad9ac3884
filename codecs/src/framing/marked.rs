//! Frames between two marks.

use std::cmp::Ordering;
use std::sync::Arc;

use bytes::BytesMut;
use wirework_core::{
    ComposeError, EncodeError, Encodings, FrameError, Framing, Hex, Input, SEARCHED_FRAME, Step, Tail, TextEncoding,
    TextKept,
};

use super::Delimiter;
use super::until::{End, Found, Payloads, Sides, Terminators};

/// Frames between a mark that begins them and a mark that ends them.
///
/// ```text
/// Marked::new(b"\x0b", b"\x1c\r")      0B 61 1C 0D 0B 62 1C 0D      →   61 | 62
/// Marked::new(b"~", b"~")              7E 61 7E 7E 7E 7E 62 7E      →   61 | (nothing) | 62
/// Marked::shared(b"~")                 7E 61 7E 7E 7E 7E 62 7E      →   61 | 62
/// Marked::shared(b"~")                 7E 61 7E 62 7E               →   61 | 62
/// Marked::new(b"\x02", b"\x03").plus(1) 02 61 03 62 02 03 03         →   61 03 62 | 03 03
/// ```
///
/// A shared mark may end one frame and begin the next. Frames are what stands between marks, so none is empty: marks
/// that follow each other fill the time between frames. Sent are both marks with each frame.
///
/// Bytes where a frame must begin, and no mark, lose the stream; so does a payload longer than
/// [`max_len`](Marked::max_len). A payload that the end mark would end early is refused when it is sent.
///
/// In text the marks are those characters of its encoding (see [`Delimiter`]), and an end mark is found where a decoder of the
/// payload sees it. A begin mark of bytes stands in front of the text, and may be any.
///
/// Behind a layer that doubles a byte (DLE), an end mark that begins with it (DLE ETX) is one only behind an even number of
/// them.
///
/// ```text
/// Marked::new(b"\x10\x02", b"\x10\x03"), 10 doubled      10 02 41 10 10 03 10 03      →   41 10 10 03
/// Marked::new(b"\x10\x02", b"\x10\x03").plus(1).doubled(0x10)
///                                                      10 02 41 10 10 03 10 03 99   →   41 10 10 03 10 03 99
/// ```
#[derive(Clone, Debug)]
pub struct Marked {
    /// The marks as they were named: the one that begins a frame, and the one that ends it.
    pub(crate) named: Arc<[Delimiter; 2]>,
    pub(crate) shared: bool,
    pub(crate) plus: usize,
    pub(crate) doubled: Option<u8>,
    pub(crate) max: usize,
    /// The byte of which a layer has said that it writes it twice.
    told: Option<u8>,
    /// The marks as they stand on the wire.
    sides: Sides<Marks>,
    /// Where the payload of an unfinished frame begins: behind the mark, or behind the mark that ended the last frame.
    inside: Option<usize>,
    /// Whether the input begins behind a mark.
    behind_mark: bool,
    /// The end of an unfinished payload, behind which not all bytes have come.
    ended: Option<Found>,
}

/// The marks as they stand on the wire.
#[derive(Clone, Debug)]
struct Marks {
    begin: Arc<[u8]>,
    end: Terminators,
}

impl AsRef<Terminators> for Marks {
    fn as_ref(&self) -> &Terminators {
        &self.end
    }
}

impl Marked {
    /// Frames between `begin` and `end`, which may be the same.
    pub fn new(begin: impl Into<Delimiter>, end: impl Into<Delimiter>) -> Self {
        let (begin, end) = (begin.into(), end.into());
        let reads = Marks { begin: begin.bytes().into(), end: Terminators::new(&[End::new(end.clone())]) };
        Self {
            named: Arc::new([begin, end]),
            shared: false,
            plus: 0,
            doubled: None,
            max: SEARCHED_FRAME,
            told: None,
            sides: Sides::new(reads, None),
            inside: None,
            behind_mark: false,
            ended: None,
        }
    }

    /// Frames between marks, of which each may end one frame and begin the next.
    pub fn shared(mark: impl Into<Delimiter>) -> Self {
        let mark = mark.into();
        Self { shared: true, ..Self::new(mark.clone(), mark) }
    }

    /// The mark that ends a frame, as it was named.
    pub(crate) fn end(&self) -> &Delimiter {
        let [_, end] = &*self.named;
        end
    }

    /// The marks of text in any of `encodings`.
    fn in_text(&self, encodings: &[Arc<dyn TextEncoding>], kept: &TextKept) -> Result<Marks, ComposeError> {
        let [begin, end] = &*self.named;
        let payloads = Payloads { encodings, kept, doubled: self.doubled.or(self.told), goes_on: self.plus > 0 };
        let end = Terminators::in_text(&[End::new(end.clone())], payloads)?;
        let spell = |encoding: &Arc<dyn TextEncoding>| match begin {
            Delimiter::Bytes(bytes) => Ok(vec![bytes.clone()]),
            text => text.spellings(&**encoding),
        };
        let spelt = encodings.iter().map(spell).collect::<Result<Vec<_>, _>>()?.concat();
        match spelt.split_first() {
            None => Ok(Marks { begin: begin.bytes().into(), end }),
            Some((first, others)) if others.iter().all(|other| other == first) => {
                Ok(Marks { begin: (&**first).into(), end })
            }
            Some(_) => Err(ComposeError::new(
                "what begins a frame is written in more than one way; name the bytes that begin one",
            )),
        }
    }

    /// `n` more bytes stand behind the end mark, whatever they are, such as a check. The payload holds the end mark and them,
    /// so that the check can cover the mark.
    pub fn plus(mut self, n: usize) -> Self {
        self.plus = n;
        self
    }

    /// A layer writes `byte` twice wherever it stands in front of the end mark, which is then one only behind an even number of
    /// them. An [`Escape`](crate::layer::Escape) right behind the framing says so itself; it cannot where the end mark and what stands
    /// behind it belong to the payload, which are not doubled.
    pub fn doubled(mut self, byte: u8) -> Self {
        self.doubled = Some(byte);
        let marks = Marks { end: self.sides.reads.end.doubling(byte), ..self.sides.reads.clone() };
        self.sides = Sides::new(marks, None);
        self
    }

    /// The longest payload, in bytes, without the marks and what stands behind them. Default: 64 KiB. Beyond it the stream is lost.
    pub fn max_len(mut self, max: usize) -> Self {
        self.max = max;
        self
    }

    /// Whether `bytes` begin with the begin mark.
    #[inline]
    fn begins(&self, bytes: &[u8]) -> bool {
        match (&*self.sides.reads.begin, bytes) {
            ([mark], [first, ..]) => mark == first,
            (mark, bytes) => bytes.starts_with(mark),
        }
    }

    /// Goes behind a begin mark of `len` bytes.
    #[inline]
    fn enter(&mut self, len: usize) {
        self.inside = Some(len);
        self.sides.progress.advance(len);
    }

    /// What becomes of `input`, which begins with no whole begin mark.
    #[inline(never)]
    fn between(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        if input.bytes.is_empty() || self.sides.reads.begin.starts_with(input.bytes) {
            return Ok(Step::More(1));
        }
        if self.behind_mark && self.shared {
            self.enter(0);
            return self.inside(input, 0);
        }
        // As far as it can be known for every cut of the stream.
        let same = self.sides.reads.begin.iter().zip(input.bytes).take_while(|(mark, byte)| mark == byte).count();
        Err(FrameError::malformed(format!(
            "{} stands where a frame must begin with {}",
            Hex(input.bytes.get(..=same).unwrap_or(input.bytes)),
            Hex(&self.sides.reads.begin)
        )))
    }

    /// What becomes of `input`, of which a payload begins at `from`.
    #[inline(always)]
    fn inside(&mut self, input: Input<'_>, from: usize) -> Result<Step, FrameError> {
        if self.plus > 0 {
            return self.inside_behind(input, from);
        }
        let payload = input.bytes.get(from..).unwrap_or_default();
        let Some(last) = self.sides.progress.next(payload) else {
            return self.unfinished(input, from);
        };
        match self.sides.reads.end.short(payload, last) {
            Some(mark) => self.frame(from, (last + 1, mark)),
            None => self.look(input, from, last),
        }
    }

    /// What becomes of a payload that begins at `from` and is found to end.
    #[inline(always)]
    fn frame(&mut self, from: usize, (end, mark): Found) -> Result<Step, FrameError> {
        let len = end.saturating_sub(mark);
        if len > self.max {
            return Err(self.too_long());
        }
        self.inside = None;
        self.behind_mark = true;
        if len == 0 && self.shared {
            // The second of two marks may begin a frame.
            return Ok(Step::Skip(from));
        }
        self.sides.progress.advance(end);
        Ok(Step::Frame { span: from..from + len, advance: from + end })
    }

    /// What becomes of a payload that begins at `from`, whose byte `last` may end the end mark: one has to look.
    #[inline(never)]
    fn look(&mut self, input: Input<'_>, from: usize, last: usize) -> Result<Step, FrameError> {
        let payload = input.bytes.get(from..).unwrap_or_default();
        match self.sides.reads.end.find_from(&mut self.sides.progress, payload, last) {
            Some(found) => self.frame(from, found),
            None => self.unfinished(input, from),
        }
    }

    /// What becomes of `input`, of which a payload begins at `from`, where more bytes stand behind the end mark.
    #[inline(never)]
    fn inside_behind(&mut self, input: Input<'_>, from: usize) -> Result<Step, FrameError> {
        let payload = input.bytes.get(from..).unwrap_or_default();
        let found = self.ended.take().or_else(|| self.sides.reads.end.find(&mut self.sides.progress, payload));
        let Some((end, mark)) = found else {
            return self.unfinished(input, from);
        };
        if end.saturating_sub(mark) > self.max {
            return Err(self.too_long());
        }
        let whole = end.saturating_add(self.plus);
        let lacking = whole.saturating_sub(payload.len());
        if lacking > 0 {
            self.ended = found;
            return Ok(Step::More(lacking));
        }
        self.inside = None;
        self.behind_mark = true;
        self.sides.progress.advance(whole);
        Ok(Step::Frame { span: from..from + whole, advance: from + whole })
    }

    #[inline(never)]
    fn unfinished(&mut self, input: Input<'_>, from: usize) -> Result<Step, FrameError> {
        let payload = input.bytes.get(from..).unwrap_or_default();
        // What may be the beginning of the end mark may belong to no payload.
        if payload.len() > self.max
            && payload.len().saturating_sub(self.sides.reads.end.begun(&self.sides.progress, payload)) > self.max
        {
            return Err(self.too_long());
        }
        if input.tail == Tail::Closed && payload.is_empty() && self.shared && self.behind_mark {
            self.reset();
            return Ok(Step::Skip(from));
        }
        Ok(Step::More(1))
    }

    /// What a payload lacks behind which its end mark is none.
    fn lacking(&self) -> &'static str {
        if self.plus > 0 {
            "the payload does not end with the end mark and as many bytes behind it as belong there"
        } else if let Some(lacking) = self.sides.writes().0.end.lacking() {
            lacking
        } else {
            "the payload ends with half of a doubled byte, behind which no end mark is one"
        }
    }

    #[cold]
    fn too_long(&self) -> FrameError {
        FrameError::TooLong { claimed: None, max: self.max }
    }
}

impl PartialEq for Marked {
    fn eq(&self, other: &Self) -> bool {
        let configuration = |marked: &Self| (marked.shared, marked.plus, marked.doubled, marked.max);
        self.named == other.named && configuration(self) == configuration(other)
    }
}

impl Eq for Marked {}

impl Framing for Marked {
    #[inline(always)] // as `Driver::pull`
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        if self.inside.is_none() && self.begins(input.bytes) {
            self.enter(self.sides.reads.begin.len());
        }
        match self.inside {
            Some(from) => self.inside(input, from),
            None => self.between(input),
        }
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        let (marks, progress) = self.sides.writes();
        let body = start.saturating_add(marks.begin.len());
        let len = out.len().saturating_sub(body);
        if self.plus == 0 && len > self.max {
            return Err(EncodeError::TooLong { len, max: self.max as u64 });
        }
        if len == 0 && self.shared {
            return Err(EncodeError::Incomplete("between shared marks, nothing is no frame".into()));
        }
        if self.plus == 0 {
            out.extend_from_slice(marks.end.sent());
        }
        if let Some(mark) = out.get_mut(start..body) {
            mark.copy_from_slice(&marks.begin);
        }
        let framed = out.get(body..).unwrap_or_default();
        let mut progress = progress.afresh();
        let Some((end, mark)) = marks.end.find(&mut progress, framed) else {
            return Err(EncodeError::Incomplete(self.lacking().into()));
        };
        let (offset, whole) = (end.saturating_sub(mark), end.saturating_add(self.plus));
        match whole.cmp(&framed.len()) {
            Ordering::Equal if offset > self.max => Err(EncodeError::TooLong { len: offset, max: self.max as u64 }),
            Ordering::Equal => match marks.end.unsettled(&progress, framed, offset) {
                Some(why) => Err(EncodeError::Incomplete(why.into())),
                None => Ok(()),
            },
            Ordering::Greater => Err(EncodeError::Incomplete(self.lacking().into())),
            Ordering::Less => {
                let what = if end <= len { "the end mark" } else { "the end mark, together with the one behind it" };
                Err(EncodeError::Delimiter { offset, what })
            }
        }
    }

    fn header_len(&self) -> usize {
        self.sides.writes().0.begin.len()
    }

    fn trailer_len(&self) -> usize {
        if self.plus > 0 { 0 } else { self.sides.writes().0.end.sent().len() }
    }

    fn max_len(&self) -> usize {
        let around =
            |Marks { begin, end }: &Marks| begin.len().saturating_add(end.longest()).saturating_add(end.lookahead());
        self.max.saturating_add(around(&self.sides.reads).max(around(self.sides.writes().0))).saturating_add(self.plus)
    }

    fn set_encodings(&mut self, encodings: &Encodings) -> Result<(), ComposeError> {
        let of = |list: &[_]| self.in_text(list, &encodings.kept);
        let reads = of(&encodings.reads)?;
        let writes = if encodings.are_the_same() { None } else { Some(of(&encodings.writes)?) };
        self.sides = Sides::new(reads, writes);
        Ok(())
    }

    fn set_doubled(&mut self, byte: u8) -> Result<(), ComposeError> {
        if self.plus > 0 && self.doubled != Some(byte) {
            return Err(ComposeError::new(format!(
                "the end mark belongs to the payload here, in which it would be doubled too; declare it with the framing, as \
                 doubled(0x{byte:02X}), and leave what is not doubled to other layers, or to Escape::but_last"
            )));
        }
        let mut marks = self.sides.reads.clone();
        marks.end.set_doubled(byte)?;
        self.sides = Sides::new(marks, None);
        self.told = Some(byte);
        Ok(())
    }

    fn is_doubled(&self, byte: u8) -> bool {
        self.doubled == Some(byte)
    }

    fn validate(&self) -> Result<(), ComposeError> {
        if self.named.iter().any(Delimiter::is_empty) {
            return Err(ComposeError::new("an empty mark is everywhere; use Until where only the end is marked"));
        }
        if let Some(byte) = self.doubled {
            self.sides.reads.end.clone().set_doubled(byte)?;
        }
        if self.shared && self.plus > 0 {
            return Err(ComposeError::new(
                "what stands behind a shared mark belongs to the next frame; use Marked::new with this mark twice",
            ));
        }
        Ok(())
    }

    fn swap_sides(&mut self) {
        self.sides.swap();
    }

    fn reset(&mut self) {
        self.inside = None;
        self.behind_mark = false;
        self.ended = None;
        self.sides.progress.reset();
    }
}

#[cfg(test)]
mod tests {
    use wirework_core::{Codec, Error, Frames, Raw, encode_frame};

    use super::*;
    use crate::{Encoding, FramingExt, GBK};

    fn frames(marked: &Marked, wire: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
        let mut frames = Frames::new(marked.clone());
        frames.push(wire);
        frames.close();
        let mut seen = Vec::new();
        while let Some(frame) = frames.next()? {
            seen.push(frame.bytes().to_vec());
        }
        Ok(seen)
    }

    fn encoded(marked: &Marked, payload: &[u8]) -> Result<Vec<u8>, EncodeError> {
        let mut out = BytesMut::new();
        encode_frame(&mut marked.clone(), &mut Raw, payload, &mut out).map(|()| out.to_vec())
    }

    fn dle() -> Marked {
        let mut marked = Marked::new(b"\x10\x02", b"\x10\x03");
        marked.set_doubled(0x10).unwrap();
        marked
    }

    #[test]
    fn the_pictures() {
        for (marked, wire, payloads) in [
            (Marked::new(b"\x0b", b"\x1c\r"), &b"\x0ba\x1c\r\x0bb\x1c\r"[..], &[&b"a"[..], b"b"][..]),
            (Marked::new(b"~", b"~"), b"~a~~~~b~", &[b"a", b"", b"b"]),
            (Marked::shared(b"~"), b"~a~~~~b~", &[b"a", b"b"]),
            (Marked::shared(b"~"), b"~a~b~", &[b"a", b"b"]),
            (Marked::new(b"\x02", b"\x03").plus(1), b"\x02a\x03b\x02\x03\x03", &[b"a\x03b", b"\x03\x03"]),
            (dle(), b"\x10\x02A\x10\x10\x03\x10\x03", &[b"A\x10\x10\x03"]),
        ] {
            assert_eq!(frames(&marked, wire).unwrap(), payloads, "{marked:?}");
        }
    }

    #[test]
    fn both_marks_are_sent() {
        assert_eq!(encoded(&Marked::new(b"\x0b", b"\x1c\r"), b"a").unwrap(), b"\x0ba\x1c\r");
        assert_eq!(encoded(&Marked::shared(b"~"), b"a").unwrap(), b"~a~");
        assert_eq!(encoded(&Marked::new(b"[", b"]"), b"").unwrap(), b"[]");
        assert_eq!(encoded(&Marked::new(b"[", b"]").plus(1), b"a]1").unwrap(), b"[a]1", "as it is, behind the first");
    }

    #[test]
    fn what_the_end_mark_would_end_early_is_refused() {
        for (marked, payload, why) in [
            (Marked::new(b"[", b"]"), &b"a]b"[..], "byte 1 of the payload would end the frame: the end mark"),
            (Marked::new(b"[", b"]]"), b"a]", "byte 1 of the payload would end the frame: the end mark, together"),
            (Marked::shared(b"~"), b"", "nothing is no frame"),
            (Marked::shared(b"~"), b"~a", "byte 0 of the payload"),
            (Marked::shared(b"~").max_len(1), b"ab", "2 bytes are more than the 1"),
            (dle(), b"A\x10", "half of a doubled byte"),
            (Marked::new(b"[", b"]").plus(1), b"a1", "and as many bytes behind it"),
            (Marked::new(b"[", b"]").plus(1), b"a]", "and as many bytes behind it"),
            (Marked::new(b"[", b"]").plus(1), b"a]12", "byte 1 of the payload would end the frame: the end mark"),
            (Marked::new(b"[", b"]").plus(1).max_len(1), b"ab]1", "2 bytes are more than the 1"),
        ] {
            let error = encoded(&marked, payload).unwrap_err().to_string();
            assert!(error.contains(why), "{marked:?} {payload:?}: {error}");
        }
    }

    #[test]
    fn bytes_where_a_mark_must_stand_lose_the_stream() {
        for (marked, wire, why) in [
            (
                Marked::new(b"\x10\x02", b"\x10\x03"),
                &b"\x10\x05ab"[..],
                "10 05 stands where a frame must begin with 10 02",
            ),
            (Marked::new(b"[", b"]"), b"[a]b", "message 2 at byte 3, which begins 62 \"b\": 62 stands where"),
            (Marked::new(b"[", b"]").plus(1), b"[a]1b", "byte 4, which begins 62 \"b\": 62 stands where"),
            (Marked::shared(b"~"), b"a~b~", "61 stands where"),
        ] {
            let error = frames(&marked, wire).unwrap_err().to_string();
            assert!(error.contains(why), "{marked:?}: {error}");
        }
    }

    #[test]
    fn marks_alone_end_a_stream_cleanly_only_behind_others() {
        for (wire, clean) in [(&b"~~"[..], true), (b"~a~~", true), (b"~a~~~", true), (b"~", false), (b"~a", false)] {
            assert_eq!(frames(&Marked::shared(b"~"), wire).is_ok(), clean, "{wire:?}");
        }
        assert!(frames(&Marked::new(b"~", b"~"), b"~a~~").is_err(), "a frame that began");
        assert!(frames(&Marked::shared(b"~"), b"~a~b").is_err());
    }

    #[test]
    fn what_cannot_work_is_refused_with_the_reason() {
        for marked in [Marked::new(b"", b"]"), Marked::new(b"[", b""), Marked::shared(b"")] {
            assert!(marked.compose().unwrap_err().to_string().contains("Until"));
        }
        Marked::new(b"|", b"\x1c\r").text(GBK).compose().unwrap();
        let refused = Marked::new(b"{", b"\xff").text(GBK).compose().unwrap_err();
        assert!(refused.to_string().contains("FF is no whole character of GBK"), "{refused}");
        assert!(Marked::shared(b"\x10").set_doubled(0x10).is_err());
        let refused = Marked::shared(b"~").plus(1).compose().unwrap_err();
        assert!(refused.to_string().contains("belongs to the next frame"), "{refused}");
    }

    #[test]
    fn marks_are_characters_of_the_encoding() {
        let utf_16 = Encoding::for_label("utf-16le").unwrap();
        for (marked, encoding, wire, payloads) in [
            (Marked::new("{", "}"), GBK, &b"{\x81}}{a}"[..], &[&b"\x81}"[..], b"a"][..]),
            (Marked::shared("~"), GBK, b"~\x81~~a~", &[b"\x81~", b"a"]),
            (Marked::new(b"\xff", "}"), GBK, b"\xff\x81}}\xff}", &[b"\x81}", b""]),
            (Marked::new("\x02", "\x03"), utf_16, b"\x02\0\0\x03\x03\0", &[b"\0\x03"]),
        ] {
            let (marked, _) = marked.text(encoding).compose().unwrap();
            assert_eq!(frames(&marked, wire).unwrap(), payloads, "{wire:02x?}");
            for payload in payloads {
                assert!(encoded(&marked, payload).is_ok(), "{payload:02x?}");
            }
        }
    }

    #[test]
    fn equal_is_what_is_configured_alike() {
        let mut inside = Marked::shared(b"~");
        inside.split(Input { bytes: b"~a", tail: Tail::Open }).unwrap();
        assert_eq!(inside, Marked::shared(b"~"));
        assert_ne!(Marked::new(b"~", b"~"), Marked::shared(b"~"));
        assert_ne!(Marked::new(b"[", b"]"), Marked::new(b"[", b"]").plus(1));
    }

    #[test]
    fn many_frames_with_a_mark_behind_their_mark_in_one_read() {
        let marked = Marked::new(b"[", b"]").plus(2);
        assert_eq!(frames(&marked, &b"[ab]]1".repeat(200)).unwrap(), vec![b"ab]]1"; 200]);
    }

    #[test]
    fn what_is_reset_starts_afresh() {
        let mut marked = Marked::new(b"[", b"]").plus(2);
        let tail = Tail::Open;
        assert!(matches!(marked.split(Input { bytes: b"[a]1", tail }), Ok(Step::More(1))));
        marked.reset();
        assert!(matches!(marked.split(Input { bytes: b"[abcd", tail }), Ok(Step::More(1))));
    }

    #[test]
    fn a_mark_that_is_not_doubled_is_declared_with_the_framing() {
        let plus = || Marked::new(b"\x10\x02", b"\x10\x03").plus(1);
        let refused = plus().set_doubled(0x10).unwrap_err().to_string();
        assert!(refused.contains("doubled(0x10)"), "{refused}");
        let mut declared = plus().doubled(0x10);
        declared.set_doubled(0x10).unwrap();
        assert!(declared.is_doubled(0x10) && !declared.is_doubled(0x11) && !plus().is_doubled(0x10));
        assert_eq!(frames(&declared, b"\x10\x02A\x10\x10\x03\x10\x03\x99").unwrap(), [b"A\x10\x10\x03\x10\x03\x99"]);
        assert!(Marked::new(b"\x02", b"\x10").doubled(0x10).compose().is_err(), "it cannot be told");
    }
}
