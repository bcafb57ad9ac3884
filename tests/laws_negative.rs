//! The laws are seen to fail: each on a codec with that one mistake, and on codecs of others that are in use.

mod laws_support;

use bytes::{Bytes, BytesMut};
use laws_support::callgrind::{instructions, is_there, work};
use laws_support::planted;
use laws_support::planted_encodings::{Mistake, Mistaken};
use tokio_util::codec::{Decoder, Encoder, LengthDelimitedCodec, LinesCodec};
use wirework::core::{EncodeError, FrameError, Framing, Input, Step, Tail};
use wirework::{Chunks, FramingExt, GBK};
use wirework_laws::{
    EncodingLaws, Law, Laws, Promises, at_size_limits, feed_byte_by_byte, linear_work, progress, round_trip,
};

/// The laws that `framing` breaks are these and no others.
#[track_caller]
fn breaks(framing: impl Framing + Clone + 'static, laws: &[Law]) {
    let broken = Laws::new(framing).broken();
    let found: Vec<Law> = broken.iter().map(|broken| broken.law).collect();
    assert_eq!(found, laws, "{broken:#?}");
}

#[test]
fn round_trip_of_an_encoder_that_does_not_refuse_its_delimiter() {
    breaks(planted::does_not_refuse_its_delimiter(), &[Law::RoundTrip]);
}

#[test]
fn round_trip_at_a_limit_that_only_the_encoder_gets_wrong() {
    breaks(planted::encodes_more_than_it_decodes(), &[Law::RoundTrip]);
}

#[test]
fn segmentation_of_a_framing_that_misses_a_delimiter_between_reads() {
    breaks(planted::MissesADelimiterThatIsCut::default(), &[Law::Segmentation]);
}

#[test]
fn messages_of_a_format_that_decodes_each_read_alone() {
    let codec = Chunks::new(1024).format(planted::DecodesEachReadAlone(GBK.replace()));
    let broken = Laws::new(codec).messages().promises(Promises::default().joined()).broken();
    let [broken] = &broken[..] else { panic!("{broken:#?}") };
    assert_eq!(broken.law, Law::Messages, "{broken}");
    assert_eq!(broken.input.len(), 2, "half a character stands alone: {broken}");
}

#[test]
fn lent_and_owned_of_a_framing_that_remembers_an_address() {
    breaks(planted::RemembersAnAddress::default(), &[Law::LentAndOwned]);
}

#[test]
fn glance_of_a_framing_that_overlooks_what_split_sees() {
    breaks(planted::OverlooksAtAGlance, &[Law::Glance]);
}

#[test]
fn glance_of_a_framing_that_sees_other_pieces_than_split() {
    breaks(planted::SeesOtherPieces, &[Law::Glance]);
}

#[test]
fn no_panic_of_a_framing_that_panics_on_one_byte() {
    breaks(planted::panics_on_a_bell(), &[Law::NoPanic]);
}

#[test]
fn progress_of_a_framing_that_consumes_nothing() {
    breaks(planted::gives_empty_frames_without_consuming(), &[Law::Progress]);
}

#[test]
fn progress_of_a_framing_that_asks_for_more_than_it_needs() {
    breaks(planted::asks_for_more_than_it_needs(), &[Law::Progress]);
}

#[test]
fn memory_of_a_framing_that_reserves_what_is_claimed() {
    breaks(planted::reserves_what_is_claimed(), &[Law::Memory]);
}

#[test]
fn parts_of_a_framing_that_counts_its_terminator_in() {
    breaks(planted::HasAPartBeyondItsPayload::default(), &[Law::Parts]);
}

#[test]
fn earlier_frames_of_a_framing_that_looks_ahead() {
    breaks(planted::drops_the_frame_before_an_error(), &[Law::KeepsEarlierFrames]);
}

#[test]
fn end_of_stream_of_a_framing_that_forgets_the_tail() {
    breaks(planted::forgets_the_tail(), &[Law::EndOfStream]);
}

/// Who breaks the prefix law breaks that of segmentation: a prefix is a read of its own.
#[test]
fn prefix_of_a_framing_that_takes_a_read_for_a_frame() {
    breaks(planted::takes_a_read_for_a_frame(), &[Law::Segmentation, Law::Prefix]);
}

#[test]
fn linear_work_of_a_framing_that_searches_from_the_start() {
    if let Some((_, n)) = work() {
        feed_byte_by_byte(planted::searches_from_the_start(), &vec![b'x'; n]);
        return;
    }
    breaks(planted::searches_from_the_start(), &[]);
    if is_there() {
        let test = "linear_work_of_a_framing_that_searches_from_the_start";
        let broken = linear_work(256, |n| instructions(test, "unfinished", n)).unwrap_err();
        assert_eq!(broken.law, Law::LinearWork);
    }
}

#[track_caller]
fn encoding_breaks(mistake: Mistake, laws: &[Law]) {
    let broken = EncodingLaws::new(Mistaken(mistake)).broken();
    let found: Vec<Law> = broken.iter().map(|broken| broken.law).collect();
    assert_eq!(found, laws, "{broken:#?}");
}

#[test]
fn policies_of_an_encoding_that_counts_what_is_malformed_from_the_wrong_place() {
    encoding_breaks(Mistake::NamesTheByteBehind, &[Law::Policies]);
    encoding_breaks(Mistake::LeavesOutWhatIsMalformed, &[Law::Policies]);
}

#[test]
fn comes_back_of_an_encoding_that_writes_what_it_lacks_as_something_else() {
    encoding_breaks(Mistake::WritesReferences, &[Law::ComesBack]);
}

#[test]
fn unfinished_of_an_encoding_that_knows_of_no_halves() {
    encoding_breaks(Mistake::KnowsNoHalves, &[Law::Unfinished]);
}

/// The ways that come to mind first.
#[test]
fn begins_and_plain_of_an_encoding_that_searches_byte_by_byte() {
    encoding_breaks(Mistake::BeginsEverywhere, &[Law::Begins, Law::Plain]);
    encoding_breaks(Mistake::SkipsBehindALead, &[Law::Begins, Law::Plain]);
    encoding_breaks(Mistake::IsPlain, &[Law::Plain]);
}

#[test]
fn begins_of_an_encoding_that_forgets_where_it_stands() {
    encoding_breaks(Mistake::MovesTheCursorTooFar, &[Law::Begins]);
}

#[test]
fn spellings_of_an_encoding_that_knows_of_one_alone() {
    encoding_breaks(Mistake::SpellsOneWay, &[Law::Spellings]);
}

#[test]
fn no_panic_of_an_encoding_that_panics_on_bells() {
    for (mistake, input) in [
        (Mistake::ReadsABellByPanic, "\x07"),
        (Mistake::WritesABellByPanic, "\x07"),
        (Mistake::WritesTwoBellsByPanic, "\x07\x07"),
    ] {
        let broken = EncodingLaws::new(Mistaken(mistake)).texts("\x07{0,4}").broken();
        let [broken] = &broken[..] else { panic!("{mistake:?}: {broken:#?}") };
        assert_eq!((broken.law, &broken.input[..]), (Law::NoPanic, input.as_bytes()), "{mistake:?}: {broken}");
    }
}

#[test]
#[should_panic(expected = "the encoder took none of the payloads")]
fn a_codec_that_takes_no_payload_proves_nothing() {
    let refuses = |_: &mut BytesMut, _| Err(EncodeError::Incomplete("no".into()));
    Laws::new(wirework::framing::from_fn(|_| Ok(Step::More(1)), refuses)).check();
}

#[test]
#[should_panic(expected = "the law NoPanic is broken: it panicked: a bell")]
fn check_says_what_is_broken() {
    Laws::new(planted::panics_on_a_bell()).check();
}

/// A codec of tokio-util as a framing.
#[derive(Clone)]
struct Foreign<C> {
    codec: C,
    /// The codec at the start of a frame.
    fresh: C,
    /// What of the input the codec has not taken yet.
    rest: BytesMut,
    /// What it has taken of the frame that it has not given yet.
    taken: usize,
    max: usize,
}

impl<C: Clone> Foreign<C> {
    fn new(codec: C, max: usize) -> Self {
        Self { fresh: codec.clone(), codec, rest: BytesMut::new(), taken: 0, max }
    }
}

/// A codec whose frames are bytes, whatever it makes of them.
trait Carries: Decoder + Clone + Send + 'static {
    fn payload(item: Self::Item) -> Bytes;
    fn write(&mut self, payload: Bytes, out: &mut BytesMut) -> Result<(), EncodeError>;
}

impl Carries for LengthDelimitedCodec {
    fn payload(item: BytesMut) -> Bytes {
        item.freeze()
    }

    fn write(&mut self, payload: Bytes, out: &mut BytesMut) -> Result<(), EncodeError> {
        self.encode(payload, out).map_err(|error| EncodeError::Other(error.into()))
    }
}

impl Carries for LinesCodec {
    fn payload(item: String) -> Bytes {
        item.into()
    }

    fn write(&mut self, payload: Bytes, out: &mut BytesMut) -> Result<(), EncodeError> {
        let text = std::str::from_utf8(&payload).map_err(|error| EncodeError::Other(error.into()))?;
        self.encode(text, out).map_err(|error| EncodeError::Other(error.into()))
    }
}

impl<C: Carries> Framing for Foreign<C>
where
    C::Error: std::fmt::Display,
{
    fn split(&mut self, input: Input<'_>) -> Result<Step, FrameError> {
        self.rest.extend_from_slice(&input.bytes[self.taken + self.rest.len()..]);
        let before = self.rest.len();
        let decoded = match input.tail {
            Tail::Closed => self.codec.decode_eof(&mut self.rest),
            _ => self.codec.decode(&mut self.rest),
        };
        self.taken += before - self.rest.len();
        match decoded.map_err(|error| FrameError::Other(error.to_string().into()))? {
            None => Ok(Step::More(1)),
            Some(item) => Ok(Step::Owned { frame: C::payload(item), advance: std::mem::take(&mut self.taken) }),
        }
    }

    fn finish(&mut self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        let payload = out.split_off(start).freeze();
        self.codec.write(payload, out)
    }

    fn max_len(&self) -> usize {
        self.max
    }

    fn reset(&mut self) {
        *self = Self::new(self.fresh.clone(), self.max);
    }
}

#[test]
fn the_length_delimited_codec_of_tokio_util_obeys_the_laws_as_it_comes() {
    breaks(Foreign::new(LengthDelimitedCodec::builder().max_frame_length(64).new_codec(), 68), &[]);
}

#[test]
fn the_length_delimited_codec_of_tokio_util_can_yield_empty_frames_without_end() {
    let codec = LengthDelimitedCodec::builder().length_field_length(2).length_adjustment(0).num_skip(0).new_codec();
    let broken = progress(&Foreign::new(codec, 1024), b"\0\0").unwrap_err();
    assert_eq!(broken.law, Law::Progress);
}

#[test]
fn the_length_delimited_codec_of_tokio_util_encodes_frames_that_it_does_not_decode() {
    let codec =
        LengthDelimitedCodec::builder().length_field_length(2).length_adjustment(-2).max_frame_length(64).new_codec();
    let framing = Foreign::new(codec, 66);
    let round_trip = |len| round_trip(&framing, &[vec![b'x'; len]], &Promises::default());
    assert_eq!(round_trip(62), Ok(()));
    assert_eq!(round_trip(63).unwrap_err().law, Law::RoundTrip);
    assert_eq!(at_size_limits(&framing, &Promises::default()).unwrap_err().law, Law::RoundTrip);
}

#[test]
fn the_lines_codec_of_tokio_util_encodes_one_line_as_two() {
    let framing = Foreign::new(LinesCodec::new(), 1024);
    let broken = round_trip(&framing, &[b"a\nb".to_vec()], &Promises::default()).unwrap_err();
    assert_eq!((broken.law, broken.found.len()), (Law::RoundTrip, 3), "{broken}");
}
