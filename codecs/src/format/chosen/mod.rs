//! Payloads that are text in one of several encodings.

mod direction;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use bytes::BytesMut;
use wirework_core::{BoxError, EncodeError, Encodings, Format, FormatError, Frame, TextEncoding};

use super::ByteOrderMark;
use super::policies::{Policies, setters};
use crate::{Encoding, Text};
use direction::Direction;

pub use direction::{Choice, Undeclared};

/// Text in one of several encodings: which, a message says itself, or the connection is told.
///
/// A message is lent as `&str`, owned as `String`, and anything that is a `str` can be sent. Here the last byte of a message
/// says in which encoding it is:
///
/// ```
/// use wirework_codecs::format::{Choice, Chosen};
/// use wirework_codecs::{FramingExt, GBK, Lines, UTF_8};
///
/// let format = Chosen::one_of(UTF_8, [GBK]).by(|message, _now| match message.last() {
///     Some(b'g') => Ok(Choice::This(GBK)),
///     Some(b'G') => Ok(Choice::FromNow(GBK)),
///     _ => Ok(Choice::AsBefore),
/// });
/// let codec = Lines::any().format(format);
/// ```
///
/// ```text
///     comes                      is       and is answered in
/// 1   E4 BD A0 0A                你       UTF-8, the first that was declared
/// 2   C4 E3 67 0A                你g      GBK
/// 3   E4 BD A0 0A                你       UTF-8: message 2 spoke for itself alone
/// 4   C4 E3 47 0A                你G      GBK
/// 5   C4 E3 0A                   你       GBK: message 4 spoke for all that follow
/// ```
///
/// - **What comes** is in the encoding in force, which at first is the first that was declared; unless the rule of
///   [`by`](Chosen::by) says another. A bad message changes nothing, neither for the messages behind it nor for the replies.
/// - **What is sent** is in the encoding of the last message that was received, and before there is one in the first that was
///   declared. [`replies_by`](Chosen::replies_by) lets each reply say it, as an HL7 acknowledgement does;
///   [`replies_one_of`](Chosen::replies_one_of) takes others than those of what comes, or a fixed one. The halves of a connection
///   that was split know nothing of each other: what is sent stays in the encoding of the last message before that.
/// - **A connection is told**, after a login, say, by [`read_in`](Chosen::read_in) and [`write_in`](Chosen::write_in): it has one
///   format for what comes and another for what is sent.
/// - **The other end** of replies that follow the messages knows what it has sent, and reads what comes back by its own rule, if
///   they say it, or is told. Where messages say it in both directions, both ends have the same codec, with both rules.
///
/// What is malformed, and what an encoding lacks, is an error of that message, or what is said here; as in [`Text`]. A
/// byte-order mark, too, is kept, taken off or required as there, of each message in its own encoding. The rule sees the payload
/// with the mark:
///
/// ```text
/// Chosen::one_of(UTF_8, [Encoding::UTF_16LE]).by(rule).require_mark()
///
/// EF BB BF 61        UTF-8        a
/// FF FE 61 00        UTF-16LE     a, if the rule says that it is UTF-16LE
/// FF FE 61 00        UTF-8        an error: not UTF-8 at byte 0, if it does not
/// 61                 UTF-8        an error: the message does not begin with the byte-order mark that it must have
/// ```
///
/// The framing must be able to tell in every declared encoding alike where a message ends, for it cuts before anybody can ask
/// the message: lines can in GBK and UTF-8, `|` cannot in GBK, and LF is one byte in UTF-8 and two in UTF-16. Otherwise the
/// composition is refused. Where the connection is told, one may go on with another codec instead, each of one encoding.
pub struct Chosen<E = Encoding> {
    reads: Direction<E, [u8]>,
    writes: Direction<E, str>,
    /// The encoding of the last message that was read.
    last: E,
    /// Whether replies are in it, rather than in that of their direction.
    follows: bool,
    policies: Policies,
}

impl<E: TextEncoding + Clone + PartialEq> Chosen<E> {
    /// Text in `first`, unless a message or the connection says that it is in one of `others`. Strict: what is malformed is a
    /// bad message, what the encoding lacks cannot be sent.
    pub fn one_of(first: E, others: impl IntoIterator<Item = E>) -> Self {
        let reads = Direction::one_of(first, others);
        let (declared, now) = (reads.declared.clone(), reads.now.clone());
        Self {
            last: now.clone(),
            writes: Direction { declared, now, rule: None },
            reads,
            follows: true,
            policies: Policies::default(),
        }
    }

    /// Messages that come are in the encoding that `rule` says. It sees the payload as it came, and the encoding in force.
    ///
    /// Its error is one of that message, and so is an encoding that was not [declared](Undeclared). Mind that a rule which
    /// looks for a byte in text has to know in which encoding that is a character.
    pub fn by<R>(mut self, rule: R) -> Self
    where
        R: Fn(&[u8], E) -> Result<Choice<E>, BoxError> + Send + Sync + 'static,
    {
        self.reads.rule = Some(Arc::new(rule));
        self
    }

    /// Messages that are sent are in the encoding that `rule` says. It sees the text, and the encoding that it would be sent in
    /// otherwise. [`Choice::FromNow`] and [`Choice::FromNext`] say that what is sent no longer follows what came, also where the
    /// framing then refuses this one message.
    ///
    /// Its error is one of that message, and so is an encoding that was not [declared](Undeclared).
    pub fn replies_by<R>(mut self, rule: R) -> Self
    where
        R: Fn(&str, E) -> Result<Choice<E>, BoxError> + Send + Sync + 'static,
    {
        self.writes.rule = Some(Arc::new(rule));
        self
    }

    /// What is sent does not follow what came: it is in `first`, unless [`replies_by`](Chosen::replies_by) or the connection
    /// says that it is in one of `others`. Without any, it is always in `first`.
    pub fn replies_one_of(mut self, first: E, others: impl IntoIterator<Item = E>) -> Self {
        self.writes = Direction { rule: self.writes.rule, ..Direction::one_of(first, others) };
        self.follows = false;
        self
    }

    /// What happens to text that is not as it should be, all at once.
    pub fn policies(self, policies: Policies) -> Self {
        self.with(|own| *own = policies)
    }

    setters!(Self);

    /// From now on what comes is in `encoding`, unless the rule says otherwise. That concerns the messages that were not
    /// received yet, although their bytes may have come.
    ///
    /// ```text
    /// conn.read_format().read_in(GBK)?;
    /// ```
    ///
    /// # Errors
    /// When it was not declared for what comes: then nothing changes.
    pub fn read_in(&mut self, encoding: E) -> Result<(), Undeclared> {
        self.reads.check(&encoding)?;
        self.reads.now = encoding;
        Ok(())
    }

    /// From now on what is sent is in `encoding`, whatever comes, unless the rule for replies says otherwise.
    ///
    /// ```text
    /// conn.write_format().write_in(UTF_8)?;
    /// ```
    ///
    /// # Errors
    /// When it was not declared for what is sent: then nothing changes.
    pub fn write_in(&mut self, encoding: E) -> Result<(), Undeclared> {
        self.writes.check(&encoding)?;
        self.writes.now = encoding;
        self.follows = false;
        Ok(())
    }

    fn with(mut self, set: impl FnOnce(&mut Policies)) -> Self {
        set(&mut self.policies);
        self
    }

    fn text(&self, encoding: E) -> Text<E> {
        Text::new(encoding).policies(self.policies)
    }

    /// Reads one message, and remembers what it said if it is a good one.
    #[inline]
    fn read<T>(
        &mut self,
        frame: Frame<'_>,
        read: impl FnOnce(Text<E>) -> Result<T, FormatError>,
    ) -> Result<T, FormatError> {
        let (this, next) = self.reads.choose(frame.bytes(), &self.reads.now).map_err(|error| {
            match error.downcast::<FormatError>() {
                Ok(error) => *error,
                Err(error) => error.into(),
            }
        })?;
        let message = read(self.text(this.clone()))?;
        self.last = this;
        if let Some(next) = next {
            self.reads.now = next;
        }
        Ok(message)
    }
}

impl<E: TextEncoding + Clone + PartialEq + 'static> Format for Chosen<E> {
    type Message<'a> = &'a str;
    type Owned = String;
    type Reply = str;

    #[inline]
    fn view<'a>(&mut self, frame: Frame<'a>, scratch: &'a mut String) -> Result<&'a str, FormatError> {
        self.read(frame, |mut text| text.view(frame, scratch))
    }

    #[inline]
    fn own(&mut self, frame: Frame<'_>) -> Result<String, FormatError> {
        self.read(frame, |mut text| text.own(frame))
    }

    fn encode(&mut self, reply: &str, out: &mut BytesMut) -> Result<(), EncodeError> {
        let now = if self.follows { &self.last } else { &self.writes.now };
        let (this, next) = self.writes.choose(reply, now).map_err(|error| match error.downcast::<EncodeError>() {
            Ok(error) => *error,
            Err(error) => error.into(),
        })?;
        self.text(this).encode(reply, out)?;
        if let Some(next) = next {
            self.writes.now = next;
            self.follows = false;
        }
        Ok(())
    }

    fn encodings(&self) -> Option<Encodings> {
        let declared = |encodings: &[E]| Encodings::any_of(encodings.iter().cloned());
        let mut encodings = declared(&self.reads.declared);
        if !Arc::ptr_eq(&self.reads.declared, &self.writes.declared) {
            encodings.writes = declared(&self.writes.declared).writes;
        }
        encodings.marked = self.policies.mark != ByteOrderMark::Keep;
        Some(encodings)
    }

    #[inline]
    fn follow(&mut self, read: &Self) {
        self.last = read.last.clone();
    }
}

impl<E: Clone> Clone for Chosen<E> {
    fn clone(&self) -> Self {
        Self {
            reads: self.reads.clone(),
            writes: self.writes.clone(),
            last: self.last.clone(),
            follows: self.follows,
            policies: self.policies,
        }
    }
}

impl<E: fmt::Debug> fmt::Debug for Chosen<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chosen")
            .field("reads", &self.reads.declared)
            .field("writes", &self.writes.declared)
            .field("last", &self.last)
            .field("policies", &self.policies)
            .finish_non_exhaustive()
    }
}
