//! Payloads that are JSON.

use std::fmt;
use std::marker::PhantomData;

use bytes::{BufMut, BytesMut};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wirework_core::{EncodeError, Format, FormatError, Frame, Mirror};

/// JSON (RFC 8259): `In` is what this end receives, `Out` what it sends.
///
/// ```text
/// 7B 22 6B 65 79 22 3A 31 7D   {"key":1}   →   Request { key: 1 }
/// ```
///
/// The other end is the [`mirror`](Mirror::mirror).
pub struct Json<In, Out>(PhantomData<fn(Out) -> In>);

impl<In, Out> Json<In, Out> {
    /// The format.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<In, Out> Default for Json<In, Out> {
    fn default() -> Self {
        Self::new()
    }
}

impl<In, Out> Clone for Json<In, Out> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<In, Out> fmt::Debug for Json<In, Out> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Json")
    }
}

impl<In, Out> Format for Json<In, Out>
where
    In: DeserializeOwned + Send + 'static,
    Out: Serialize + 'static,
{
    type Message<'a> = In;
    type Owned = In;
    type Reply = Out;

    fn view<'a>(&mut self, frame: Frame<'a>, _scratch: &'a mut String) -> Result<In, FormatError> {
        self.own(frame)
    }

    fn own(&mut self, frame: Frame<'_>) -> Result<In, FormatError> {
        serde_json::from_slice(frame.bytes()).map_err(|error| FormatError::Other(error.into()))
    }

    fn encode(&mut self, reply: &Out, out: &mut BytesMut) -> Result<(), EncodeError> {
        serde_json::to_writer(out.writer(), reply).map_err(|error| EncodeError::Other(error.into()))
    }
}

impl<In, Out> Mirror for Json<In, Out> {
    type Other = Json<Out, In>;

    fn mirror(self) -> Json<Out, In> {
        Json::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_end_sends_the_other_receives_and_an_error_says_where() {
        let mut ours = Json::<u32, Vec<String>>::new();
        let mut theirs = ours.clone().mirror();
        let mut out = BytesMut::new();
        ours.encode(&vec!["a".into()], &mut out).unwrap();
        assert_eq!(&out[..], br#"["a"]"#);
        assert_eq!(theirs.own(Frame::lent(&out, &[])).unwrap(), ["a"]);
        let error = ours.own(Frame::lent(b"[1", &[])).unwrap_err();
        assert!(error.to_string().contains("column"), "{error}");
    }
}
