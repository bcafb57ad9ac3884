//! What becomes of a connection that is one too many.

use bytes::Bytes;

/// What becomes of a connection that is one too many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
pub enum WhenFull {
    /// It waits in the system's queue until another one ends.
    #[default]
    Wait,
    /// It is sent these bytes, or none, and closed. They leave as they are: no codec has ended them or put them into its
    /// encoding, and from a configuration text is UTF-8. Before a handshake, such as TLS, there is nothing that it would
    /// understand: it is closed without a word.
    Refuse(Bytes),
}
