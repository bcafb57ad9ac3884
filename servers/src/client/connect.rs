//! Connecting.

use std::future::IntoFuture;
use std::io;
use std::marker::PhantomData;
use std::pin::Pin;

use wirework_core::Codec;

use super::dial::dial_within;
use super::{Calling, Dial};
use crate::{Connection, Correlation, Limit, Limits};

/// Connects to `target`, to speak `codec`. The system picks the local port. All that connecting takes, names and TLS included, has
/// the time of [`Limits::handshake`]. Awaited, it gives a [`Connection`]:
///
/// ```no_run
/// # async fn example(codec: impl wirework_core::Codec<Format = wirework_core::Raw>) -> Result<(), wirework_core::Error> {
/// let mut server = wirework_servers::connect("127.0.0.1:7788", codec).await?;
/// server.send("hello").await?;
/// println!("{:?}", server.recv().await?);
/// # Ok(())
/// # }
/// ```
///
/// With [`calls`](Connect::calls) it is a [`Client`](crate::Client), which awaits answers and connects again: a [`Connection`] has `send`
/// and `recv`, a client `call`.
///
/// Where the two sides differ, as in JSON with a request and a response type, give `codec.mirror()`.
pub fn connect<'a, D: Dial + 'a, C: Codec>(target: D, codec: C) -> Connect<'a, D, C> {
    // A server may be silent for as long as it is not asked.
    let limits = Limits { first_byte: Limit::Unlimited, idle: Limit::Unlimited, ..Limits::default() };
    Connect { target, codec, limits, lives: PhantomData }
}

/// A connection that is to be made; see [`connect`].
#[must_use = "nothing is connected until this is awaited"]
pub struct Connect<'a, D, C> {
    pub(super) target: D,
    pub(super) codec: C,
    pub(super) limits: Limits,
    /// For as long as the target does.
    lives: PhantomData<&'a D>,
}

impl<D, C: Codec> Connect<'_, D, C> {
    /// What the server can make this end hold, and how long it can make it wait. Without this they are the defaults, but that
    /// a server may be silent.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Makes it a [`Client`](crate::Client): its requests are calls, whose answers `correlation` finds.
    ///
    /// It connects again, and so its target is its own: `dialer.clone()`, not `&dialer`.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use wirework_core::{BoxError, Codec, Raw};
    /// # async fn example(codec: impl Codec<Format = Raw>) -> Result<(), BoxError> {
    /// use bytes::Bytes;
    /// use wirework_servers::{Correlation, connect};
    ///
    /// let client = connect("127.0.0.1:7788", codec)
    ///     .calls(Correlation::in_order_but(|message: &Bytes| message.starts_with(b"*")))
    ///     .login(async |mut conn| {
    ///         conn.send("LOGIN device-1").await?;
    ///         match conn.recv().await? {
    ///             Some(answer) if answer == "welcome" => Ok(conn),
    ///             other => Err(format!("refused: {other:?}").into()),
    ///         }
    ///     })
    ///     .keep_alive(Duration::from_secs(30), "PING")
    ///     .resend(|request| request.starts_with(b"GET "))
    ///     .await?;
    /// println!("{:?}", client.call("GET temperature").await?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn calls(self, correlation: Correlation<C::Format>) -> Calling<D, C>
    where
        D: Dial + Clone + Sync + 'static,
    {
        Calling::new(self.target, self.codec, self.limits, correlation)
    }
}

impl<'a, D: Dial + 'a, C: Codec> IntoFuture for Connect<'a, D, C> {
    /// An error is that of the system, with the address; [`io::ErrorKind::InvalidInput`] if the parts of the codec cannot work
    /// together.
    type Output = io::Result<Connection<D::Io, C>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { target, codec, limits, .. } = self;
        // Before anything is dialled.
        let agreed = codec.compose().map_err(refused);
        Box::pin(async move {
            agreed?;
            let (io, peer) = dial_within(limits.handshake, target).await?;
            Connection::new(io, peer, &codec, limits).map_err(refused)
        })
    }
}

/// The error of a codec whose parts cannot work together.
pub(super) fn refused(why: wirework_core::ComposeError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}
