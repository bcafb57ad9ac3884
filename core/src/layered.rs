//! A framing with a layer, which is a framing again.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;

use crate::{
    ComposeError, EncodeError, Encodings, FrameError, Framed, Framing, Input, Layer, Plain, Step, TextEncoding,
    TextKept, Undone,
};

/// A framing whose payloads pass through a [`Layer`].
#[derive(Clone, Debug)]
pub struct Layered<F, L> {
    framing: F,
    layer: L,
    agreed: Result<(), ComposeError>,
    /// The framing's parts, within what the layer left of the payload.
    parts: Vec<Range<usize>>,
}

impl<F: Framing, L: Layer> Layered<F, L> {
    /// Puts `layer` between the frames of `framing` and their payloads.
    pub fn new(mut framing: F, layer: L) -> Self {
        let agreed = agree(&mut framing, &layer);
        Self { framing, layer, agreed, parts: Vec::new() }
    }

    /// The framing.
    pub fn framing(&self) -> &F {
        &self.framing
    }

    /// The layer.
    pub fn layer(&self) -> &L {
        &self.layer
    }

    /// The layer, to be added to; what is added was [agreed](agree) before.
    pub fn layer_mut(&mut self) -> &mut L {
        &mut self.layer
    }

    /// What becomes of a frame `advance` bytes long whose payload is `frame[payload]`.
    #[inline]
    fn undo(&mut self, frame: &[u8], payload: Range<usize>, advance: usize) -> Result<Step, FrameError> {
        let (start, len) = (payload.start, payload.len());
        match self.layer.undo(Framed { frame, payload }) {
            Ok(Undone::Within(span)) if span.start <= span.end && span.end <= len => {
                self.narrow_parts(&span);
                Ok(Step::Frame { span: start + span.start..start + span.end, advance })
            }
            rest => self.undo_rest(rest, advance),
        }
    }

    /// What becomes of a frame of which the layer says anything but where in it the payload stands.
    #[inline(never)]
    fn undo_rest(&mut self, undone: Result<Undone, FrameError>, advance: usize) -> Result<Step, FrameError> {
        let max = self.framing.max_len();
        Ok(match undone {
            // The driver cannot see how long a frame was that is left out, or that ends the stream.
            Ok(Undone::Dropped) | Err(_) if advance > max => return Err(FrameError::TooLong { claimed: None, max }),
            Ok(Undone::Within(_)) => {
                Step::Bad { advance, error: FrameError::NoProgress("a layer's payload lies outside of its frame") }
            }
            Ok(Undone::Rewritten(frame)) => {
                self.parts.clear();
                Step::Owned { frame, advance }
            }
            Ok(Undone::Bad(error)) => Step::Bad { advance, error },
            Ok(Undone::Dropped) => Step::Skip(advance),
            Err(error) => return Err(error),
        })
    }

    /// Whether the layer, which does not know what the framing filled in, takes off again what it has added to `given` bytes.
    fn comes_off_again(&mut self, frame: &[u8], payload: Range<usize>, given: usize) -> Result<(), EncodeError> {
        match self.layer.undo(Framed { frame, payload }) {
            Ok(Undone::Within(span)) if span.len() == given => Ok(()),
            _ => Err(EncodeError::Incomplete(
                "the length that is filled in makes another message of this one, which would be filled up otherwise; \
                 let it stand in the message before"
                    .into(),
            )),
        }
    }

    #[inline]
    fn narrow_parts(&mut self, span: &Range<usize>) {
        let parts = self.framing.parts();
        if parts.is_empty() && self.parts.is_empty() {
            return;
        }
        let narrow = |at: usize| at.clamp(span.start, span.end) - span.start;
        self.parts.clear();
        self.parts.extend(parts.iter().map(|part| narrow(part.start)..narrow(part.end)));
    }
}

/// Equal when put together of equals, however far each has come in its stream.
impl<F: PartialEq, L: PartialEq> PartialEq for Layered<F, L> {
    fn eq(&self, other: &Self) -> bool {
        self.framing == other.framing && self.layer == other.layer
    }
}

/// Lets a layer and the framing in front of it agree, or says why they cannot work together: what [`Layered::new`] does,
/// for those that hold layers in another way.
pub fn agree<F: Framing, L: Layer>(framing: &mut F, layer: &L) -> Result<(), ComposeError> {
    framing.validate()?;
    layer.validate()?;
    if let Some(byte) = layer.doubles()
        && !framing.is_doubled(byte)
    {
        framing.set_doubled(byte)?;
    }
    if framing.layers() > 0 && layer.covers_frame() {
        return Err(ComposeError::new(
            "a check over the whole frame must stand right behind the framing; put the other layers behind it",
        ));
    }
    if layer.covers_frame() && !framing.takes_any_byte() {
        return Err(ComposeError::new(
            "a check over the whole frame is known only when the framing has looked for its marks, and may be one of \
             them; let the check cover the payload, into which a Constant behind the check puts what else it covers",
        ));
    }
    if framing.fills_in() && layer.rewrites() {
        return Err(ComposeError::new(
            "the length stands in the payload's own header, which an escape would rewrite; use a length at the start, \
             whose header is not part of the payload",
        ));
    }
    if framing.fills_in_by_turns() && (layer.seals() || layer.pads()) {
        return Err(ComposeError::new(
            "some of these framings fill in a length, and this layer must know where; put it behind each of them",
        ));
    }
    if framing.fills_in() && layer.pads() && framing.layers() > 0 {
        return Err(ComposeError::new(
            "how far this is filled up depends on a length that is filled in after it; put the padding right behind the \
             framing",
        ));
    }
    if framing.fills_in() && layer.seals() && framing.layers() > 0 {
        return Err(ComposeError::new(
            "this check covers a length that is filled in after it; put the check right behind the framing",
        ));
    }
    Ok(())
}

impl<F: Framing, L: Layer> Framing for Layered<F, L> {
    #[inline(always)] // as `Driver::pull`
    fn glance(&self, bytes: &[u8]) -> Option<Plain> {
        let Plain { span, advance } = self.framing.glance(bytes)?;
        let (start, len) = (span.start, span.len());
        let within = self.layer.glance(Framed { frame: bytes.get(..advance)?, payload: span })?;
        if within.start > within.end || within.end > len {
            return None;
        }
        Some(Plain { span: start + within.start..start + within.end, advance })
    }

    #[inline(always)]
    fn taken(&mut self, advance: usize) {
        self.framing.taken(advance);
    }

    #[inline]
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        match self.framing.split(input)? {
            Step::Frame { span, advance } => {
                let frame = input.bytes.get(..advance).unwrap_or_default();
                self.undo(frame, span, advance)
            }
            Step::Owned { frame, advance } => match self.undo(&frame, 0..frame.len(), advance)? {
                Step::Frame { span, advance } => Ok(Step::Owned { frame: frame.slice(span), advance }),
                step => Ok(step),
            },
            step => Ok(step),
        }
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        let header = self.framing.header_len();
        let body = start.saturating_add(header);
        let given = out.len().saturating_sub(body);
        let own = given.saturating_add(self.layer.puts_before().len());
        self.layer.apply(out, body)?;
        if self.framing.fills_in() {
            let place = self.framing.filled_in(out.get(body..).unwrap_or_default())?;
            let header = place.as_ref().map_or(0, |place| place.end);
            if header > own {
                return Err(EncodeError::Incomplete(
                    format!("the message lacks its header: it takes {header} bytes, and there are {own}").into(),
                ));
            }
            if place.is_some_and(|place| place.start < own.saturating_sub(given)) {
                return Err(EncodeError::Incomplete(
                    "the length stands among the bytes that a layer puts before the message, and cannot be filled in"
                        .into(),
                ));
            }
        }
        let len = out.len().saturating_sub(body);
        if self.framing.layers() > 0 || !(self.layer.covers_frame() || self.framing.fills_in()) {
            self.layer.seal(out.get_mut(body..).unwrap_or_default(), 0..len)?;
            return self.framing.finish(out, start);
        }
        self.framing.finish(out, start)?;
        let frame = out.get_mut(start..).unwrap_or_default();
        let end = frame.len().saturating_sub(self.framing.trailer_len());
        // What stands in front of a payload may take less than the room that was made for it.
        let from = if header == 0 { 0 } else { end.saturating_sub(len) };
        self.layer.seal(frame, from..end)?;
        if self.layer.pads() { self.comes_off_again(frame, from..end, given) } else { Ok(()) }
    }

    fn header_len(&self) -> usize {
        self.framing.header_len()
    }

    fn trailer_len(&self) -> usize {
        self.framing.trailer_len()
    }

    fn fills_in(&self) -> bool {
        self.framing.fills_in()
    }

    fn counts_frames(&self) -> bool {
        self.framing.counts_frames()
    }

    fn fills_in_by_turns(&self) -> bool {
        self.framing.fills_in_by_turns()
    }

    fn filled_in(&mut self, payload: &[u8]) -> Result<Option<Range<usize>>, EncodeError> {
        let before = self.layer.puts_before();
        match before.len() {
            0 => self.framing.filled_in(payload),
            len => {
                let place = self.framing.filled_in(&[before, payload].concat())?;
                Ok(place.map(|place| place.start.saturating_sub(len)..place.end.saturating_sub(len)))
            }
        }
    }

    fn max_len(&self) -> usize {
        self.framing.max_len()
    }

    fn parts(&self) -> &[Range<usize>] {
        &self.parts
    }

    fn quiet_after(&self) -> Option<Duration> {
        self.framing.quiet_after()
    }

    fn set_encodings(&mut self, encodings: &Encodings) -> Result<(), ComposeError> {
        let kept = |kept: TextKept, encoding: &Arc<dyn TextEncoding>| kept.then(self.layer.keeps_text(&**encoding));
        let kept = encodings.kept.clone().then(encodings.iter().fold(TextKept::Whole, kept));
        self.framing.set_encodings(&Encodings { kept, ..encodings.clone() })
    }

    fn set_doubled(&mut self, byte: u8) -> Result<(), ComposeError> {
        Err(ComposeError::new(format!(
            "what another layer writes around a payload is not doubled, and a single {byte:02X} in it would mislead the \
             framing; put the doubling right behind the framing"
        )))
    }

    fn is_doubled(&self, byte: u8) -> bool {
        self.framing.is_doubled(byte)
    }

    fn layers(&self) -> usize {
        self.framing.layers() + 1
    }

    fn validate(&self) -> Result<(), ComposeError> {
        self.agreed.clone()
    }

    fn is_recovering(&self) -> bool {
        self.framing.is_recovering()
    }

    fn swap_sides(&mut self) {
        self.framing.swap_sides();
    }

    fn reset(&mut self) {
        self.framing.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bad, BadCause, Error, Frames, Raw, encode_frame};

    /// One byte that says how long the rest is, in front of `at` bytes of the caller's; or behind them, where it is filled in.
    #[derive(Clone, Debug, PartialEq)]
    struct Counted {
        at: usize,
        max: usize,
        parts: Vec<Range<usize>>,
    }

    fn counted() -> Counted {
        Counted { at: 0, max: 100, parts: Vec::new() }
    }

    impl Framing for Counted {
        fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
            let Some(len) = input.bytes.get(self.at) else { return Ok(Step::More(1)) };
            let end = self.at + 1 + usize::from(*len);
            if input.bytes.len() < end {
                return Ok(Step::More(end - input.bytes.len()));
            }
            Ok(Step::Frame { span: if self.at == 0 { 1 } else { 0 }..end, advance: end })
        }

        fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
            out[start + self.at] = u8::try_from(out.len() - start - self.at - 1).unwrap();
            Ok(())
        }

        fn header_len(&self) -> usize {
            if self.at == 0 { 1 } else { 0 }
        }

        fn fills_in(&self) -> bool {
            self.at > 0
        }

        fn filled_in(&mut self, _: &[u8]) -> Result<Option<Range<usize>>, EncodeError> {
            Ok((self.at > 0).then(|| self.at..self.at + 1))
        }

        fn takes_any_byte(&self) -> bool {
            true
        }

        fn max_len(&self) -> usize {
            self.max
        }

        fn parts(&self) -> &[Range<usize>] {
            &self.parts
        }
    }

    /// Frames that end with `|`, which must not be in them.
    #[derive(Clone, Debug)]
    struct Pipes;

    impl Framing for Pipes {
        fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
            match input.bytes.iter().position(|byte| *byte == b'|') {
                Some(end) => Ok(Step::Frame { span: 0..end, advance: end + 1 }),
                None => Ok(Step::More(1)),
            }
        }

        fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
            if let Some(offset) = out[start..].iter().position(|byte| *byte == b'|') {
                return Err(EncodeError::Delimiter { offset, what: "|" });
            }
            out.extend_from_slice(b"|");
            Ok(())
        }

        fn trailer_len(&self) -> usize {
            1
        }
    }

    /// The sum of all bytes in front of it, modulo 256.
    #[derive(Clone, Debug, Default, PartialEq)]
    struct Sum {
        over_frame: bool,
        on_failure: Failure,
    }

    #[derive(Clone, Copy, Debug, Default, PartialEq)]
    enum Failure {
        #[default]
        Bad,
        Drop,
        Lose,
    }

    impl Sum {
        fn covered(&self, payload: &Range<usize>) -> Range<usize> {
            let start = if self.over_frame { 0 } else { payload.start };
            start..payload.end - 1
        }
    }

    fn sum(bytes: &[u8]) -> u8 {
        bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
    }

    impl Layer for Sum {
        fn undo(&mut self, framed: Framed<'_>) -> Result<Undone, FrameError> {
            let Framed { frame, payload } = framed;
            if !payload.is_empty() && sum(&frame[self.covered(&payload)]) == frame[payload.end - 1] {
                return Ok(Undone::Within(0..payload.len() - 1));
            }
            match self.on_failure {
                Failure::Bad => Ok(Undone::Bad(FrameError::malformed("a wrong sum"))),
                Failure::Drop => Ok(Undone::Dropped),
                Failure::Lose => Err(FrameError::malformed("a wrong sum")),
            }
        }

        fn apply(&mut self, out: &mut BytesMut, _: usize) -> Result<(), EncodeError> {
            out.extend_from_slice(b"?");
            Ok(())
        }

        fn seal(&mut self, frame: &mut [u8], payload: Range<usize>) -> Result<(), EncodeError> {
            frame[payload.end - 1] = sum(&frame[self.covered(&payload)]);
            Ok(())
        }

        fn seals(&self) -> bool {
            true
        }

        fn covers_frame(&self) -> bool {
            self.over_frame
        }
    }

    /// The first bytes of a payload, always these.
    #[derive(Clone, Debug)]
    struct Behind(&'static [u8]);

    impl Layer for Behind {
        fn undo(&mut self, framed: Framed<'_>) -> Result<Undone, FrameError> {
            Ok(Undone::Within(self.0.len()..framed.payload().len()))
        }

        fn apply(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
            let payload = out.split_off(start);
            out.extend_from_slice(self.0);
            out.extend_from_slice(&payload);
            Ok(())
        }

        fn puts_before(&self) -> &[u8] {
            self.0
        }
    }

    /// Every byte plus one, and every `d` twice where told so.
    #[derive(Clone, Debug, Default)]
    struct Rewrites {
        doubles: bool,
    }

    impl Layer for Rewrites {
        fn undo(&mut self, framed: Framed<'_>) -> Result<Undone, FrameError> {
            Ok(Undone::Rewritten(framed.payload().iter().map(|byte| byte.wrapping_sub(1)).collect()))
        }

        fn apply(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
            out[start..].iter_mut().for_each(|byte| *byte = byte.wrapping_add(1));
            Ok(())
        }

        fn rewrites(&self) -> bool {
            true
        }

        fn doubles(&self) -> Option<u8> {
            self.doubles.then_some(b'd')
        }
    }

    fn encode(mut framing: impl Framing, payload: &[u8]) -> Result<Vec<u8>, EncodeError> {
        let mut out = BytesMut::from(&b"before"[..]);
        encode_frame(&mut framing, &mut Raw, payload, &mut out)?;
        Ok(out.strip_prefix(b"before").unwrap().to_vec())
    }

    /// What comes out of `wire`: payloads, and the errors of bad ones.
    fn decode(framing: impl Framing, wire: &[u8]) -> Vec<Result<Vec<u8>, Error>> {
        let mut frames = Frames::new(framing);
        frames.push(wire);
        frames.close();
        std::iter::from_fn(|| frames.next().map(|frame| frame.map(|frame| frame.bytes().to_vec())).transpose())
            .collect()
    }

    #[track_caller]
    fn both_ways(framing: impl Framing + Clone, payload: &[u8], wire: &[u8]) {
        framing.validate().unwrap();
        assert_eq!(encode(framing.clone(), payload).unwrap(), wire);
        assert_eq!(decode(framing, wire).pop().unwrap().unwrap(), payload);
    }

    #[test]
    fn a_layer_that_covers_the_frame_sees_what_the_framing_wrote() {
        let sum = Sum { over_frame: true, ..Sum::default() };
        both_ways(Layered::new(counted(), sum), b"\x10", &[2, 0x10, 0x12]);
    }

    #[test]
    fn a_layer_behind_a_length_that_is_filled_in_sees_it() {
        let framing = Layered::new(Counted { at: 1, ..counted() }, Sum::default());
        let wire = [0x40, 2, 9, 0x4b];
        assert_eq!(encode(framing.clone(), &[0x40, 0xff, 9]).unwrap(), wire);
        assert_eq!(decode(framing, &wire).pop().unwrap().unwrap(), [0x40, 2, 9]);
    }

    #[test]
    fn what_a_layer_puts_behind_a_message_is_not_taken_for_its_header() {
        let framing = Layered::new(Counted { at: 1, ..counted() }, Sum::default());
        let error = encode(framing.clone(), b"x").unwrap_err();
        assert!(matches!(error, EncodeError::Incomplete(_)), "{error}");
        let framing = Layered::new(framing, Behind(b"a"));
        assert!(encode(framing.clone(), b"").is_err());
        assert_eq!(encode(framing, b"\xff").unwrap(), [b'a', 1, b'a' + 1], "what it puts before it is");
    }

    #[test]
    fn layers_behind_others_are_sealed_before_those_are_applied() {
        both_ways(Layered::new(Layered::new(counted(), Rewrites::default()), Sum::default()), &[5, 6], &[3, 6, 7, 12]);
        both_ways(Layered::new(Layered::new(counted(), Sum::default()), Rewrites::default()), &[5, 6], &[3, 6, 7, 13]);
    }

    #[test]
    fn a_framing_looks_for_its_marks_in_what_was_sealed() {
        let framing = Layered::new(Pipes, Sum::default());
        both_ways(framing.clone(), b"ab", b"ab\xc3|");
        let error = encode(framing, &[b'|' - 1, 1]).unwrap_err();
        assert!(matches!(error, EncodeError::Delimiter { offset: 2, .. }), "{error}");
    }

    #[test]
    fn compositions_that_cannot_work_are_refused_with_the_reason() {
        let filled_in = || Counted { at: 1, ..counted() };
        let sum = Sum::default;
        let over_frame = || Sum { over_frame: true, ..sum() };
        let rewrites = Rewrites::default;
        let doubles = || Rewrites { doubles: true };
        let refusals = [
            (Layered::new(Layered::new(counted(), rewrites()), over_frame()).validate(), "right behind the framing"),
            (Layered::new(Pipes, over_frame()).validate(), "let the check cover the payload"),
            (Layered::new(filled_in(), rewrites()).validate(), "use a length at the start"),
            (
                Layered::new(Layered::new(filled_in(), sum()), sum()).validate(),
                "put the check right behind the framing",
            ),
            (Layered::new(Layered::new(counted(), sum()), doubles()).validate(), "put the doubling right behind"),
            (Layered::new(Layered::new(Pipes, over_frame()), sum()).validate(), "let the check cover the payload"),
        ];
        for (refused, why) in refusals {
            let refused = refused.unwrap_err().to_string();
            assert!(refused.contains(why), "{refused}");
        }
        Layered::new(counted(), doubles()).validate().unwrap();
        Layered::new(filled_in(), over_frame()).validate().unwrap();
    }

    #[test]
    fn what_becomes_of_a_frame_that_fails_is_the_layers_to_say() {
        let wire = [2, 5, 6, 2, 5, 5];
        let failing = |on_failure| decode(Layered::new(counted(), Sum { on_failure, ..Sum::default() }), &wire);
        let bad = failing(Failure::Bad);
        assert!(matches!(&bad[..], [Err(Error::Bad(Bad { cause: BadCause::Frame(_), .. })), Ok(_)]), "{bad:?}");
        let dropped = failing(Failure::Drop);
        assert!(matches!(&dropped[..], [Ok(payload)] if *payload == [5]), "{dropped:?}");
        let lost = failing(Failure::Lose);
        assert!(matches!(&lost[..], [Err(Error::Lost(_))]), "{lost:?}");
    }

    #[test]
    fn a_frame_that_is_too_long_is_so_whatever_the_layer_makes_of_it() {
        for on_failure in [Failure::Bad, Failure::Drop, Failure::Lose] {
            let framing = Layered::new(Counted { max: 3, ..counted() }, Sum { on_failure, ..Sum::default() });
            let found = decode(framing, &[3, 1, 1, 1]);
            let [Err(Error::Lost(lost))] = &found[..] else { panic!("{found:?}") };
            assert!(matches!(lost.cause, FrameError::TooLong { max: 3, .. }), "{lost}");
        }
    }

    #[test]
    fn parts_are_those_of_what_is_left_of_the_payload() {
        let parts = vec![0..1, 1..4, 4..5];
        let mut frames = Frames::new(Layered::new(Counted { parts, ..counted() }, Behind(b"ab")));
        frames.push(b"\x05abcde\x05abcde");
        for _ in 0..2 {
            let frame = frames.next().unwrap().unwrap();
            let parts: Vec<_> = frame.parts().iter().map(|part| &frame.bytes()[part.clone()]).collect();
            assert_eq!((frame.bytes(), &parts[..]), (&b"cde"[..], &[&b""[..], b"cd", b"e"][..]));
        }
    }

    #[test]
    fn a_payload_that_was_rewritten_has_no_parts() {
        let mut frames =
            Frames::new(Layered::new(Counted { parts: vec![0..1, 1..2], ..counted() }, Rewrites::default()));
        frames.push(b"\x02bc");
        let frame = frames.next().unwrap().unwrap();
        assert_eq!((frame.bytes(), frame.parts().len()), (&b"ab"[..], 0));
    }

    #[test]
    fn equal_are_those_that_were_put_together_of_equals() {
        let mut used = Layered::new(Counted { parts: vec![0..1, 1..2], ..counted() }, Sum::default());
        let fresh = used.clone();
        used.split(Input { bytes: &[2, 5, 5], tail: crate::Tail::Open }).unwrap();
        assert_eq!(used, fresh);
        assert_ne!(
            Layered::new(counted(), Sum::default()),
            Layered::new(counted(), Sum { over_frame: true, ..Sum::default() })
        );
    }
}
