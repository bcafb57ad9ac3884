//! What a handler may return.

use wirework_core::{AsReply, BoxError};

/// What a handler may return where its codec sends `T`: a reply, an `Option` of one, or a `Result` of either. `How` tells
/// these apart, and is always inferred.
#[diagnostic::on_unimplemented(
    message = "a handler cannot return `{Self}`: this codec sends `{T}`",
    label = "returns `{Self}`",
    note = "where a codec sends `str`, give `&str`, `String` or `Cow<str>`; where it sends `[u8]`, give `&[u8]`, `Vec<u8>` or `Bytes`; where it sends another type, give that type or a reference to it",
    note = "a handler may return such a value, an `Option` of it (`None`: no reply), or a `Result` of either (`Err`: the conversation ends)"
)]
pub trait Respond<T: ?Sized, How> {
    /// The reply.
    type Reply: AsReply<T>;

    /// The reply, if there is one. An error ends the conversation.
    fn respond(self) -> Result<Option<Self::Reply>, BoxError>;
}

/// A plain reply.
#[derive(Debug)]
pub struct Plain;
/// An `Option`.
#[derive(Debug)]
pub struct Maybe;
/// A `Result`.
#[derive(Debug)]
pub struct Fallible;
/// A `Result` of an `Option`.
#[derive(Debug)]
pub struct FallibleMaybe;

impl<T: ?Sized, R: AsReply<T>> Respond<T, Plain> for R {
    type Reply = R;

    fn respond(self) -> Result<Option<R>, BoxError> {
        Ok(Some(self))
    }
}

impl<T: ?Sized, R: AsReply<T>> Respond<T, Maybe> for Option<R> {
    type Reply = R;

    fn respond(self) -> Result<Option<R>, BoxError> {
        Ok(self)
    }
}

impl<T: ?Sized, R: AsReply<T>, E: Into<BoxError>> Respond<T, Fallible> for Result<R, E> {
    type Reply = R;

    fn respond(self) -> Result<Option<R>, BoxError> {
        self.map(Some).map_err(Into::into)
    }
}

impl<T: ?Sized, R: AsReply<T>, E: Into<BoxError>> Respond<T, FallibleMaybe> for Result<Option<R>, E> {
    type Reply = R;

    fn respond(self) -> Result<Option<R>, BoxError> {
        self.map_err(Into::into)
    }
}
