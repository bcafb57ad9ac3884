//! A message as bytes, and back.

use bytes::Bytes;

/// A message that goes over a [`Bus`](super::Bus), as the bytes that stand there.
///
/// | message | bytes |
/// |---|---|
/// | `Bytes`, `Vec<u8>` | the same |
/// | `String` | `倈\|A` is `E5 80 88 7C 41`: UTF-8 |
///
/// ```
/// use bytes::Bytes;
/// use wirework_servers::Payload;
///
/// #[derive(Clone, Debug, PartialEq)]
/// struct Celsius(i16);
///
/// impl Payload for Celsius {
///     fn to_bytes(&self) -> Bytes {
///         Bytes::copy_from_slice(&self.0.to_be_bytes())
///     }
///     fn from_bytes(bytes: Bytes) -> Option<Self> {
///         Some(Self(i16::from_be_bytes(bytes[..].try_into().ok()?)))
///     }
/// }
///
/// assert_eq!(&Celsius(-2).to_bytes()[..], [0xFF, 0xFE]);
/// assert_eq!(Celsius::from_bytes(Bytes::from_static(&[0xFF, 0xFE])), Some(Celsius(-2)));
/// assert_eq!(Celsius::from_bytes(Bytes::new()), None);
/// ```
pub trait Payload: Sized {
    /// The bytes that go over the bus.
    fn to_bytes(&self) -> Bytes;

    /// The message, if these bytes are one. Where they are none, each subscriber has [missed](super::Subscription::missed) a
    /// message.
    fn from_bytes(bytes: Bytes) -> Option<Self>;
}

impl Payload for Bytes {
    fn to_bytes(&self) -> Bytes {
        self.clone()
    }

    fn from_bytes(bytes: Bytes) -> Option<Self> {
        Some(bytes)
    }
}

impl Payload for Vec<u8> {
    fn to_bytes(&self) -> Bytes {
        Bytes::copy_from_slice(self)
    }

    fn from_bytes(bytes: Bytes) -> Option<Self> {
        Some(bytes.into())
    }
}

impl Payload for String {
    fn to_bytes(&self) -> Bytes {
        Bytes::copy_from_slice(self.as_bytes())
    }

    fn from_bytes(bytes: Bytes) -> Option<Self> {
        Self::from_utf8(bytes.into()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_is_so() {
        let text = "倈|A".to_owned();
        assert_eq!(&text.to_bytes()[..], [0xE5, 0x80, 0x88, 0x7C, 0x41]);
        assert_eq!(String::from_bytes(text.to_bytes()), Some(text));
        assert_eq!(String::from_bytes(Bytes::from_static(b"\xE5\x80")), None);
        assert_eq!(Vec::from_bytes(b"\xE5\x80".to_vec().to_bytes()), Some(b"\xE5\x80".to_vec()));
    }
}
