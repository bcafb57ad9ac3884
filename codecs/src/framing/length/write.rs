//! From payloads to frames.

use bytes::BytesMut;
use wirework_core::EncodeError;

use super::field::{LengthField, Read};
use super::prefix::Shape;
use super::read::Look;

/// One way to say the length of a body.
struct Form<'a> {
    /// What the field says, and how many bytes that takes.
    first: (u64, usize),
    /// What the second field says, where the first announces one.
    second: Option<(&'a LengthField, u64, usize)>,
}

impl Form<'_> {
    fn width(&self) -> usize {
        self.first.1.saturating_add(self.second.map_or(0, |(.., width)| width))
    }
}

impl Shape {
    /// Turns the payload behind `room` free bytes into a frame whose length stands in front of it.
    pub(super) fn put_in_front(&self, out: &mut BytesMut, start: usize, room: usize) -> Result<(), EncodeError> {
        let body = start.saturating_add(room);
        let Some(len) = out.len().checked_sub(body) else { return Err(self.no_header(room)) };
        let form = self.form(len)?;
        move_behind(out, body, start.saturating_add(form.width()));
        self.write(&form, out.get_mut(start..).unwrap_or_default());
        Ok(())
    }

    /// Fills in the length in the header that the payload `out[start..]` begins with.
    pub(super) fn fill_in(&self, out: &mut BytesMut, start: usize) -> Result<(), EncodeError> {
        let message = out.get(start..).unwrap_or_default();
        // What already says it stays as it is, also in a longer form than needed: what came in goes out unchanged.
        if matches!(self.look(message), Ok(Look::Frame { end, .. }) if end == message.len()) {
            return Ok(());
        }
        let head = self.head_of(message)?;
        let form = self.form(message.len().saturating_sub(head))?;
        move_behind(out, start.saturating_add(head), start.saturating_add(self.at).saturating_add(form.width()));
        self.write(&form, out.get_mut(start.saturating_add(self.at)..).unwrap_or_default());
        Ok(())
    }

    fn write(&self, form: &Form<'_>, field: &mut [u8]) {
        let (value, width) = form.first;
        let Some((first, behind)) = field.split_at_mut_checked(width) else { return };
        self.field.write(value, first);
        if let Some((second, value, width)) = form.second
            && let Some(field) = behind.get_mut(..width)
        {
            second.write(value, field);
        }
    }

    /// How long the header is that `message` begins with, whatever length it says.
    pub(super) fn head_of(&self, message: &[u8]) -> Result<usize, EncodeError> {
        let field = message.get(self.at..).unwrap_or_default();
        let first = self.field.read(field);
        let width = width_of(&self.field, &first)?;
        let second = match first {
            Read::Value { value, .. } => self.specials.seconds().find(|(special, _)| *special == value),
            Read::More(_) | Read::Malformed { .. } => None,
        };
        let second = match second {
            Some((_, second)) => width_of(second, &second.read(field.get(width..).unwrap_or_default()))?,
            None => 0,
        };
        let head = self.at.saturating_add(width).saturating_add(second);
        if head > message.len() { Err(self.no_header(head)) } else { Ok(head) }
    }

    /// The shortest way to say that `body` bytes stand behind the length.
    fn form(&self, body: usize) -> Result<Form<'_>, EncodeError> {
        if body > self.max {
            return Err(EncodeError::TooLong { len: body, max: self.max as u64 });
        }
        let direct = self.settle(&self.field, 0, body).filter(|(value, _)| self.specials.find(*value).is_none());
        let direct = direct.map(|first| Form { first, second: None });
        if self.specials.0.is_empty()
            && let Some(form) = direct
        {
            return Ok(form);
        }
        let lengths = self.specials.lengths().filter_map(|(value, length)| {
            let width = self.field.width_of(value)?;
            (self.value(width, body)? == length).then_some(Form { first: (value, width), second: None })
        });
        let seconds = self.specials.seconds().filter_map(|(value, second)| {
            let width = self.field.width_of(value)?;
            let (length, more) = self.settle(second, width, body)?;
            Some(Form { first: (value, width), second: Some((second, length, more)) })
        });
        direct.into_iter().chain(lengths).chain(seconds).min_by_key(Form::width).ok_or_else(|| self.unsayable(body))
    }

    /// What `field` says behind `before` bytes of another one, when `body` bytes follow; and how many bytes it takes. What
    /// it says may count these.
    fn settle(&self, field: &LengthField, before: usize, body: usize) -> Option<(u64, usize)> {
        let mut width = field.narrowest();
        loop {
            let value = self.value(before.saturating_add(width), body)?;
            let wanted = field.width_of(value)?;
            // A wider field counts more, and never takes less.
            if wanted <= width {
                return Some((value, width));
            }
            width = wanted;
        }
    }

    /// The length that a header says whose fields take `width` bytes, when `body` bytes follow.
    fn value(&self, width: usize, body: usize) -> Option<u64> {
        let head = self.at.checked_add(width)?;
        let counted = body.checked_sub(self.plus)?;
        Some(head.checked_add(counted)?.checked_sub(self.counts.begin(self.at, head))? as u64)
    }

    /// The longest body that the fields can say, if they can say any.
    pub(super) fn most_sayable(&self) -> Option<u64> {
        let mut most = self.field.most();
        while self.specials.find(most).is_some() {
            most = most.checked_sub(1)?;
        }
        let body = |width: usize, value: u64| {
            let head = self.at.checked_add(width)?;
            let uncounted = self.counts.begin(self.at, head).checked_add(self.plus)? as u64;
            value.saturating_add(uncounted).checked_sub(head as u64).filter(|body| *body >= self.plus as u64)
        };
        let direct = body(self.field.widest(), most);
        let lengths = self.specials.lengths().map(|(value, length)| body(self.field.width_of(value)?, length));
        let seconds = self
            .specials
            .seconds()
            .map(|(value, second)| body(self.field.width_of(value)?.checked_add(second.widest())?, second.most()));
        std::iter::once(direct).chain(lengths).chain(seconds).flatten().max()
    }

    /// Why no header says that `body` bytes follow.
    #[cold]
    fn unsayable(&self, body: usize) -> EncodeError {
        if self.value(self.field.narrowest(), body).is_none() {
            let why =
                format!("{body} bytes behind the length are less than stand there before and behind what it counts");
            return EncodeError::Incomplete(why.into());
        }
        match self.most_sayable() {
            Some(most) if body as u64 <= most => {
                EncodeError::Incomplete(format!("no length says {body} bytes: its value is a special one").into())
            }
            most => EncodeError::TooLong { len: body, max: most.unwrap_or(0).min(self.max as u64) },
        }
    }

    #[cold]
    fn no_header(&self, head: usize) -> EncodeError {
        let why = format!("the message lacks its header: {head} bytes, with room for the length at byte {}", self.at);
        EncodeError::Incomplete(why.into())
    }
}

/// How many bytes a field takes that was read, or has room for a length.
fn width_of(field: &LengthField, read: &Read) -> Result<usize, EncodeError> {
    match (field.fixed_width(), read) {
        (Some(width), _) => Ok(width),
        (None, Read::Value { width, .. }) => Ok(*width),
        (None, Read::More(_)) => Err(EncodeError::Incomplete(
            "the message lacks its header: it ends inside the length, whose width it must show, such as that of 0"
                .into(),
        )),
        (None, Read::Malformed { why, .. }) => {
            Err(EncodeError::Incomplete(format!("the header of the message has a malformed length: {why}").into()))
        }
    }
}

/// Moves all that stands from `from` on to `to`, and makes or drops the bytes that this takes.
fn move_behind(out: &mut BytesMut, from: usize, to: usize) {
    let len = out.len();
    if from == to || from > len {
        return;
    }
    if let Some(more) = to.checked_sub(from) {
        out.resize(len.saturating_add(more), 0);
    }
    out.copy_within(from..len, to);
    out.truncate(len.saturating_sub(from).saturating_add(to));
}
