//! A connection that was accepted, before its handshake.

use crate::Address;

/// A connection that was accepted, and whose handshake is still to be done.
#[derive(Clone, Debug)]
pub struct Incoming<H> {
    /// What is still to be done.
    pub handshake: H,
    /// Whom it counts for meanwhile, in [`Limits::per_address`](crate::Limits::per_address). `None` where nobody is known: where a
    /// proxy speaks for others, only the handshake says who they are.
    pub source: Option<Address>,
}

impl<H> Incoming<H> {
    /// One of which nothing is known before its handshake.
    pub fn new(handshake: H) -> Self {
        Self { handshake, source: None }
    }

    /// One that comes from this address.
    pub fn of(handshake: H, source: Address) -> Self {
        Self { handshake, source: Some(source) }
    }

    /// With another handshake, that begins with this one.
    pub fn map<G>(self, more: impl FnOnce(H) -> G) -> Incoming<G> {
        Incoming { handshake: more(self.handshake), source: self.source }
    }
}
