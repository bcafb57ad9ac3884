//! A value behind the payload that tells whether it came unharmed.

mod algorithm;
mod catalogue;
mod crc;
mod form;
mod table;

use std::ops::Range;
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use wirework_core::{ComposeError, EncodeError, FrameError, Framed, Hex, Layer, TextEncoding, TextKept, Undone};

use super::kept_beside;

pub use self::crc::{Crc, UnknownCrc};
pub(crate) use algorithm::Algorithm;
pub(crate) use form::Form;

use crate::framing::ByteOrder;

/// A value at the end of the payload that is computed from the bytes in front of it: verified and taken off when a frame
/// comes in, written when one goes out.
///
/// ```text
///                                                     payload          on the wire
/// Check::xor8()                                       12 34 56         12 34 56 70
/// Check::sum8()                                       12 34 56         12 34 56 9C
/// Check::lrc()                                        12 34 56         12 34 56 64
/// Check::crc("CRC-16/MODBUS")?.little_endian()        01 03 02 00 05   01 03 02 00 05 78 47
/// Check::crc("CRC-16/XMODEM")?                        12 34 56         12 34 56 DE 61
/// Check::from_fn(2, |data| data.len() as u64)         12 34 56         12 34 56 00 03
/// Check::xor8().over(1)                               12 34 56         12 34 56 62
/// Check::xor8().as_hex()                              ab1              ab132
/// Check::lrc().as_hex_lower()                         ab1              ab10c
/// Check::sum8().as_decimal(3)                         ab1              ab1244
/// Check::xor8().over(1).as_hex().behind(b"*")         $ab1             $ab1*32
/// ```
///
/// A check over the whole frame covers the header that the framing writes, and stands right behind that framing:
///
/// ```text
/// LengthPrefix::u8().layer(Check::xor8().over_frame(0))     12 34     [03] 12 34 25
/// ```
///
/// A frame whose check fails, or that is too short to hold one, is bad, and the stream goes on behind it; otherwise as
/// [`on_failure`](Check::on_failure) says.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    pub(crate) algorithm: Algorithm,
    pub(crate) over: Over,
    pub(crate) form: Form,
    pub(crate) mark: Bytes,
    pub(crate) on_failure: OnFailure,
}

/// The first byte that is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    /// Counted from where the payload begins.
    Payload(usize),
    /// Counted from where the frame begins.
    Frame(usize),
}

/// What happens to a frame whose check fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnFailure {
    /// It is a bad message, and the next one comes.
    #[default]
    Report,
    /// It is left out, without a word.
    Drop,
    /// The stream is lost.
    Close,
}

impl Check {
    /// The exclusive or of all bytes.
    pub fn xor8() -> Self {
        Self::new(Algorithm::Xor8)
    }

    /// The sum of all bytes, modulo 256.
    pub fn sum8() -> Self {
        Self::new(Algorithm::Sum8)
    }

    /// What is lacking in the sum of all bytes to 0, modulo 256: the LRC of Modbus ASCII ("Modbus over Serial Line" V1.02,
    /// section 2.5.2.2), which is written [`as_hex`](Check::as_hex).
    pub fn lrc() -> Self {
        Self::new(Algorithm::Lrc)
    }

    /// A CRC of 8, 16 or 32 bits, by its name: see [`Crc::named`]. One without a name is a [`from_fn`](Check::from_fn).
    ///
    /// # Errors
    /// Where none has this name, with the nearest.
    pub fn crc(name: &str) -> Result<Self, UnknownCrc> {
        Crc::named(name).map(Self::from)
    }

    /// A function of your own: the value, of this many bytes (1 to 8), of the bytes that are covered. What is more of its
    /// result than that is cut off.
    pub fn from_fn(bytes: usize, function: impl Fn(&[u8]) -> u64 + Send + Sync + 'static) -> Self {
        Self::new(Algorithm::Function { bytes, function: Arc::new(function) })
    }

    fn new(algorithm: Algorithm) -> Self {
        Self {
            algorithm,
            over: Over::Payload(0),
            form: Form::Raw(ByteOrder::Big),
            mark: Bytes::new(),
            on_failure: OnFailure::default(),
        }
    }

    /// The first byte that is covered, counted from where the payload begins. Default: 0.
    pub fn over(mut self, from: usize) -> Self {
        self.over = Over::Payload(from);
        self
    }

    /// The first byte that is covered, counted from where the frame begins: the header that the framing writes is covered
    /// too.
    pub fn over_frame(mut self, from: usize) -> Self {
        self.over = Over::Frame(from);
        self
    }

    /// The value is written least significant byte first; decimal digits are not. Default: most significant first.
    pub fn little_endian(mut self) -> Self {
        self.form = match self.form {
            Form::Hex { upper, .. } => Form::Hex { order: ByteOrder::Little, upper },
            Form::Raw(_) => Form::Raw(ByteOrder::Little),
            Form::Decimal { width } => Form::Decimal { width },
        };
        self
    }

    /// The value is written as hexadecimal digits `0` to `F`, two for each byte. Read are digits of either case.
    pub fn as_hex(self) -> Self {
        self.hex(true)
    }

    /// The value is written as hexadecimal digits `0` to `f`, two for each byte. Read are digits of either case.
    pub fn as_hex_lower(self) -> Self {
        self.hex(false)
    }

    fn hex(mut self, upper: bool) -> Self {
        let order = match self.form {
            Form::Raw(order) | Form::Hex { order, .. } => order,
            Form::Decimal { .. } => ByteOrder::Big,
        };
        self.form = Form::Hex { order, upper };
        self
    }

    /// The value is written as a number of this many decimal digits, with zeros in front: FIX has sum8 in 3.
    pub fn as_decimal(mut self, width: usize) -> Self {
        self.form = Form::Decimal { width };
        self
    }

    /// Between what is covered and the value stands this mark, such as NMEA 0183's `*`. It is neither covered nor part of the
    /// payload.
    pub fn behind(mut self, mark: impl AsRef<[u8]>) -> Self {
        self.mark = Bytes::copy_from_slice(mark.as_ref());
        self
    }

    /// What happens to a frame whose check fails. Default: [`OnFailure::Report`].
    pub fn on_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_failure = on_failure;
        self
    }

    #[inline]
    fn width(&self) -> usize {
        self.form.width(self.algorithm.bytes())
    }

    /// What is covered, of a frame with this payload whose mark stands at `end`.
    #[inline]
    fn covered(&self, payload: &Range<usize>, end: usize) -> Range<usize> {
        match self.over {
            Over::Payload(from) => payload.start.saturating_add(from)..end,
            Over::Frame(from) => from..end,
        }
    }

    /// Where what is left of the payload ends in the frame, if the check holds.
    #[inline]
    fn holds(&self, frame: &[u8], payload: Range<usize>) -> Option<usize> {
        let at = payload.end.checked_sub(self.width())?;
        let end = at.checked_sub(self.mark.len()).filter(|end| payload.start <= *end)?;
        let value = self.algorithm.value(frame.get(self.covered(&payload, end))?);
        let marked = self.mark.is_empty() || frame.get(end..at)? == self.mark;
        (marked && self.form.read(frame.get(at..payload.end)?) == Some(value)).then_some(end)
    }

    /// What becomes of a frame whose check does not hold.
    #[cold]
    #[inline(never)]
    fn explain(&self, Framed { frame, payload }: Framed<'_>) -> Result<Undone, FrameError> {
        let at = payload.end.checked_sub(self.width());
        let end = at.and_then(|at| at.checked_sub(self.mark.len())).filter(|end| payload.start <= *end);
        let (Some(at), Some(end)) = (at, end) else { return self.too_short(payload.len()) };
        let Some(data) = frame.get(self.covered(&payload, end)) else { return self.too_short(payload.len()) };
        let mark = frame.get(end..at).unwrap_or_default();
        if mark != self.mark {
            return self.no_mark(end - payload.start, mark);
        }
        self.differs(self.algorithm.value(data), frame.get(at..payload.end).unwrap_or_default())
    }

    /// A frame that cannot be believed.
    fn fails(&self, why: impl FnOnce(&str) -> String) -> Result<Undone, FrameError> {
        let error = || FrameError::malformed(why(self.algorithm.name()));
        match self.on_failure {
            OnFailure::Report => Ok(Undone::Bad(error())),
            OnFailure::Drop => Ok(Undone::Dropped),
            OnFailure::Close => Err(error()),
        }
    }

    fn too_short(&self, payload: usize) -> Result<Undone, FrameError> {
        self.fails(|name| format!("{payload} bytes are too short to hold the {name} check and what it covers"))
    }

    fn differs(&self, value: u64, written: &[u8]) -> Result<Undone, FrameError> {
        let mut expected = vec![0; self.width()];
        self.form.write(value, &mut expected);
        self.fails(|name| {
            if self.form.is_text() {
                let (expected, found) = (expected.escape_ascii(), written.escape_ascii());
                format!("the {name} check fails: \"{expected}\" expected, \"{found}\" found")
            } else {
                format!("the {name} check fails: {} expected, {} found", Hex(&expected), Hex(written))
            }
        })
    }

    fn no_mark(&self, at: usize, found: &[u8]) -> Result<Undone, FrameError> {
        let (mark, found) = (Hex(&self.mark), Hex(found));
        self.fails(|name| format!("the {name} check stands behind {mark}, and byte {at} of the payload is {found}"))
    }
}

impl From<Crc> for Check {
    fn from(crc: Crc) -> Self {
        Self::new(Algorithm::Crc(crc))
    }
}

impl Layer for Check {
    #[inline]
    fn glance(&self, framed: Framed<'_>) -> Option<Range<usize>> {
        let end = self.holds(framed.frame, framed.payload.clone())?;
        Some(0..end - framed.payload.start)
    }

    #[inline]
    fn undo(&mut self, framed: Framed<'_>) -> Result<Undone, FrameError> {
        match self.holds(framed.frame, framed.payload.clone()) {
            Some(end) => Ok(Undone::Within(0..end - framed.payload.start)),
            None => self.explain(framed),
        }
    }

    #[inline]
    fn apply(&mut self, out: &mut BytesMut, _start: usize) -> Result<(), EncodeError> {
        out.extend_from_slice(&self.mark);
        out.put_bytes(0, self.width());
        Ok(())
    }

    #[inline]
    fn seal(&mut self, frame: &mut [u8], payload: Range<usize>) -> Result<(), EncodeError> {
        let at = payload.end.saturating_sub(self.width());
        let end = at.saturating_sub(self.mark.len());
        let Some(data) = frame.get(self.covered(&payload, end)) else {
            return Err(EncodeError::Incomplete(
                format!("the message is too short: the {} check covers it from a later byte on", self.algorithm.name())
                    .into(),
            ));
        };
        let value = self.algorithm.value(data);
        self.form.write(value, frame.get_mut(at..payload.end).unwrap_or_default());
        Ok(())
    }

    fn seals(&self) -> bool {
        true
    }

    fn covers_frame(&self) -> bool {
        matches!(self.over, Over::Frame(_))
    }

    fn keeps_text(&self, encoding: &dyn TextEncoding) -> TextKept {
        match self.form.is_text() {
            true => kept_beside(b"0", encoding).then(kept_beside(&self.mark, encoding)),
            false => TextKept::Within,
        }
    }

    fn validate(&self) -> Result<(), ComposeError> {
        let bytes = self.algorithm.bytes();
        if !(1..=8).contains(&bytes) {
            return Err(ComposeError::new(format!("a check is a value of 1 to 8 bytes, not of {bytes}")));
        }
        let digits = self.algorithm.max().to_string().len();
        match self.form {
            Form::Decimal { width } if !(digits..=20).contains(&width) => Err(ComposeError::new(format!(
                "{} decimal digits cannot hold every value of the {} check, or are more than 20; use as_decimal({digits})",
                width,
                self.algorithm.name()
            ))),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::tests_support::{apply, both_ways, refused, undo};
    use crate::{FramingExt, LengthPrefix};
    use wirework_core::{Frames, Framing, Raw, encode_frame};

    fn crc(name: &str) -> Check {
        Check::crc(name).unwrap()
    }

    #[test]
    fn the_pictures() {
        let bytes = b"\x12\x34\x56";
        both_ways(&Check::xor8(), bytes, b"\x12\x34\x56\x70");
        both_ways(&Check::sum8(), bytes, b"\x12\x34\x56\x9c");
        both_ways(&Check::lrc(), bytes, b"\x12\x34\x56\x64");
        let modbus = crc("CRC-16/MODBUS").little_endian();
        both_ways(&modbus, b"\x01\x03\x02\0\x05", b"\x01\x03\x02\0\x05\x78\x47");
        both_ways(&crc("CRC-16/XMODEM"), bytes, b"\x12\x34\x56\xde\x61");
        both_ways(&Check::from_fn(2, |data| data.len() as u64), bytes, b"\x12\x34\x56\0\x03");
        both_ways(&Check::xor8().over(1), bytes, b"\x12\x34\x56\x62");
        both_ways(&Check::xor8().as_hex(), b"ab1", b"ab132");
        both_ways(&Check::lrc().as_hex_lower(), b"ab1", b"ab10c");
        both_ways(&Check::sum8().as_decimal(3), b"ab1", b"ab1244");
        both_ways(&Check::xor8().over(1).as_hex().behind(b"*"), b"$ab1", b"$ab1*32");
    }

    #[test]
    fn a_check_over_the_frame_covers_its_header() {
        let mut framing = LengthPrefix::u8().layer(Check::xor8().over_frame(0));
        framing.validate().unwrap();
        let mut out = BytesMut::new();
        encode_frame(&mut framing, &mut Raw, b"\x12\x34", &mut out).unwrap();
        assert_eq!(&out[..], b"\x03\x12\x34\x25");
        let mut frames = Frames::new(framing);
        frames.push(b"\x03\x12\x34\x25\x03\x12\x34\x26");
        assert_eq!(frames.next().unwrap().unwrap().bytes(), b"\x12\x34");
        let bad = frames.next().unwrap_err().to_string();
        assert!(bad.ends_with("the xor8 check fails: 25 expected, 26 found"), "{bad}");
        frames.push(b"\x00");
        let bad = frames.next().unwrap_err().to_string();
        assert!(bad.ends_with("0 bytes are too short to hold the xor8 check and what it covers"), "{bad}");
    }

    #[test]
    fn a_published_sentence_and_a_published_frame() {
        // NMEA 0183, as the examples of GPGGA have it; and Modbus ASCII's request of "Modbus over Serial Line", hex taken off.
        let nmea = Check::xor8().over(1).as_hex().behind(b"*");
        let sentence = b"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,";
        both_ways(&nmea, sentence, &[&sentence[..], b"*47"].concat());
        both_ways(&Check::lrc(), b"\xf7\x03\x13\x89\0\x0a", b"\xf7\x03\x13\x89\0\x0a\x60");
    }

    #[test]
    fn what_fails_is_told_with_both_values() {
        assert_eq!(refused(&Check::xor8(), b"\x12\x34\x27"), "the xor8 check fails: 26 expected, 27 found");
        let modbus = crc("crc-16-modbus").little_endian();
        let why = "the CRC-16/MODBUS check fails: 78 47 expected, 47 78 found";
        assert_eq!(refused(&modbus, b"\x01\x03\x02\0\x05\x47\x78"), why);
        let nmea = Check::xor8().over(1).as_hex().behind(b"*");
        for (wire, why) in [
            (&b"$ab1*33"[..], r#"the xor8 check fails: "32" expected, "33" found"#),
            (b"$ab1*3x", r#"the xor8 check fails: "32" expected, "3x" found"#),
            (b"$ab1+32", "the xor8 check stands behind 2A, and byte 4 of the payload is 2B"),
            (b"*00", "3 bytes are too short to hold the xor8 check and what it covers"),
            (b"00", "2 bytes are too short to hold the xor8 check and what it covers"),
            (b"", "0 bytes are too short to hold the xor8 check and what it covers"),
        ] {
            assert_eq!(refused(&nmea, wire), why);
        }
    }

    #[test]
    fn on_failure_as_declared() {
        let drops = Check::xor8().on_failure(OnFailure::Drop);
        assert_eq!(undo(&drops, b"\x12\x34").unwrap(), None);
        assert_eq!(undo(&drops, b"").unwrap(), None);
        let mut closes = Check::xor8().on_failure(OnFailure::Close);
        let frame = b"\x12\x34";
        assert!(closes.undo(Framed { frame, payload: 0..2 }).is_err());
        assert_eq!(undo(&closes, b"\x12\x34\x26").unwrap().unwrap(), frame);
    }

    #[test]
    fn what_is_too_short_to_be_covered_is_not_sent() {
        let error = apply(&Check::xor8().over(3), b"ab").unwrap_err();
        assert!(matches!(error, EncodeError::Incomplete(_)), "{error}");
        both_ways(&Check::xor8().over(2), b"ab", b"ab\0");
    }

    #[test]
    fn what_cannot_work_is_refused_with_the_reason() {
        for (check, why) in [
            (Check::from_fn(0, |_| 0), "1 to 8 bytes, not of 0"),
            (Check::from_fn(9, |_| 0), "1 to 8 bytes, not of 9"),
            (Check::sum8().as_decimal(2), "use as_decimal(3)"),
            (crc("CRC-32/ISO-HDLC").as_decimal(21), "use as_decimal(10)"),
        ] {
            let refused = check.validate().unwrap_err().to_string();
            assert!(refused.contains(why), "{refused}");
        }
    }

    #[test]
    fn the_order_of_the_options_does_not_matter() {
        let little = crc("CRC-16/MODBUS").little_endian().as_hex();
        assert_eq!(little, crc("CRC-16/MODBUS").as_hex().little_endian());
        assert_eq!(Check::sum8().as_decimal(3).little_endian(), Check::sum8().little_endian().as_decimal(3));
        assert_eq!(apply(&little, b"\x01\x03\x02\0\x05").unwrap(), b"\x01\x03\x02\0\x057847");
    }
}
