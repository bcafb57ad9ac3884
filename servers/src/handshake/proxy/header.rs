//! What a PROXY header says, in either version.

use std::io;
use std::net::{Ipv6Addr, SocketAddr};
#[cfg(unix)]
use std::path::Path;

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt};

use super::{v1, v2};
use crate::Address;

/// What a proxy says at the beginning of a connection: on whose behalf it connects.
///
/// ```
/// # use wirework_servers::proxy::Header;
/// let (client, destination) = ("192.0.2.1:56324".parse().unwrap(), "198.51.100.1:443".parse().unwrap());
/// assert_eq!(Header::v1(client, destination).encode(), b"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n");
/// assert_eq!(
///     Header::v2(client, destination).encode(),
///     b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0C\xC0\0\x02\x01\xC6\x33\x64\x01\xDC\x04\x01\xBB"
/// );
/// ```
///
/// It is written before anything else, at once. [`Header::to`] does so for a client of ours.
///
/// The rule is HAProxy's [proxy-protocol.txt](https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt), section 2.1 for
/// version 1 and section 2.2 for version 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub(super) version: Version,
    pub(super) origin: Origin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    One,
    Two,
}

/// Whose connection it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The proxy's own: it looks whether the server is well.
    Local,
    /// A client's of whom the proxy does not say who it is, or not in a way that concerns a server of streams.
    Unknown,
    /// The client's, and where that connected to.
    Client(Address, Address),
}

impl Header {
    /// A line of text: a client that connected to the proxy at `destination`. If one of them has an IPv4 address and the other
    /// an IPv6 one, both are written as IPv6.
    pub fn v1(client: SocketAddr, destination: SocketAddr) -> Self {
        Self { version: Version::One, origin: Origin::Client(client.into(), destination.into()) }
    }

    /// A line of text that names nobody (`UNKNOWN`): the peer is the proxy.
    pub fn v1_unknown() -> Self {
        Self { version: Version::One, origin: Origin::Unknown }
    }

    /// In binary: a client that connected to the proxy at `destination`. If one of them has an IPv4 address and the other an
    /// IPv6 one, both are written as IPv6.
    pub fn v2(client: SocketAddr, destination: SocketAddr) -> Self {
        Self { version: Version::Two, origin: Origin::Client(client.into(), destination.into()) }
    }

    /// In binary: a client that connected to the proxy at a Unix socket, and mostly has no path of its own.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] when a path is longer than 108 bytes, or no path of a file: empty, or with a NUL.
    #[cfg(unix)]
    pub fn v2_unix(client: Option<&Path>, destination: &Path) -> io::Result<Self> {
        let address = |path: &Path| match v2::is_path(path) {
            true => Ok(Address::Unix(Some(path.to_owned()))),
            false => {
                let why = format!("no path of a Unix socket: {}", path.display());
                Err(io::Error::new(io::ErrorKind::InvalidInput, why))
            }
        };
        let client = client.map_or(Ok(Address::Unix(None)), address)?;
        Ok(Self { version: Version::Two, origin: Origin::Client(client, address(destination)?) })
    }

    /// In binary: a client of which nothing is known (`UNSPEC`): the peer is the proxy.
    pub fn v2_unknown() -> Self {
        Self { version: Version::Two, origin: Origin::Unknown }
    }

    /// In binary: the proxy's own connection (`LOCAL`), as for looking whether the server is well.
    pub fn v2_local() -> Self {
        Self { version: Version::Two, origin: Origin::Local }
    }

    /// Who the client is, if the header says so.
    pub fn client(&self) -> Option<&Address> {
        match &self.origin {
            Origin::Client(client, _) => Some(client),
            Origin::Local | Origin::Unknown => None,
        }
    }

    /// Where the client connected to, if the header says so.
    pub fn destination(&self) -> Option<&Address> {
        match &self.origin {
            Origin::Client(_, destination) => Some(destination),
            Origin::Local | Origin::Unknown => None,
        }
    }

    pub(super) fn into_client(self) -> Option<(Address, Address)> {
        match self.origin {
            Origin::Client(client, destination) => Some((client, destination)),
            Origin::Local | Origin::Unknown => None,
        }
    }

    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        match self.version {
            Version::One => v1::encode(&self.origin),
            Version::Two => v2::encode(&self.origin),
        }
    }

    /// Reads a header of either version, and not a byte of what is behind it. Not cancel safe: what was read is lost.
    ///
    /// A header of version 1 has at most 107 bytes, as its specification says; of version 2 up to 4096 are read. What is claimed
    /// to come takes no memory before it has.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] as soon as it cannot be a header any more, [`io::ErrorKind::UnexpectedEof`] when the stream
    /// ends before the header does, and those of the transport.
    pub async fn read(io: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let mut bytes = Vec::with_capacity(64);
        loop {
            match look(&bytes).map_err(|wrong| io::Error::new(io::ErrorKind::InvalidData, wrong))? {
                Look::Header(header) => return Ok(header),
                Look::More(more) => {
                    if io.take(more as u64).read_buf(&mut bytes).await? == 0 {
                        let where_to =
                            if bytes.is_empty() { "before a PROXY header" } else { "within the PROXY header" };
                        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, format!("closed {where_to}")));
                    }
                }
            }
        }
    }
}

/// What the first bytes of a connection are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Not yet a header; if it becomes one, at least so many bytes are missing. Never 0.
    More(usize),
    /// A header, and nothing else.
    Header(Header),
}

/// Why they are no header.
#[derive(Debug, Error, PartialEq, Eq)]
pub(super) enum Wrong {
    #[error("no PROXY header: the connection begins with \"{}\"", .0.escape_ascii())]
    Absent(Vec<u8>),
    #[error("no PROXY header of version 1: {0}: \"{line}\"", line = .1.escape_ascii())]
    V1(&'static str, Vec<u8>),
    #[error("no PROXY header of version 2: {0}")]
    V2(&'static str),
    #[error("a PROXY header of {0} bytes, of which {max} are allowed", max = v2::MAX)]
    TooLong(usize),
}

fn look(bytes: &[u8]) -> Result<Look, Wrong> {
    let begins = |signature: &[u8]| signature.iter().zip(bytes).all(|(expected, byte)| expected == byte);
    match (begins(v1::SIGNATURE), begins(v2::SIGNATURE)) {
        // Nothing has come yet, for the two have different first bytes.
        (true, true) => Ok(Look::More(v1::SHORTEST.min(v2::FIXED))),
        (true, false) => v1::look(bytes),
        (false, true) => v2::look(bytes),
        (false, false) => Err(Wrong::Absent(bytes.to_vec())),
    }
}

/// Two addresses in the same family: an IPv4 one beside an IPv6 one is written as one.
pub(super) enum Pair {
    V4([std::net::SocketAddrV4; 2]),
    V6([(Ipv6Addr, u16); 2]),
}

impl Pair {
    pub(super) fn of(client: SocketAddr, destination: SocketAddr) -> Self {
        match (client, destination) {
            (SocketAddr::V4(client), SocketAddr::V4(destination)) => Self::V4([client, destination]),
            _ => Self::V6([client, destination].map(|address| match address {
                SocketAddr::V4(address) => (address.ip().to_ipv6_mapped(), address.port()),
                SocketAddr::V6(address) => (*address.ip(), address.port()),
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn headers() -> impl Strategy<Value = Header> {
        let pair = any::<(SocketAddr, SocketAddr)>();
        #[cfg(unix)]
        let unix = {
            let path = "[a-z/\u{e9}]{1,54}";
            (proptest::option::of(path), path).prop_map(|(client, destination)| {
                Header::v2_unix(client.as_deref().map(Path::new), Path::new(&destination)).unwrap()
            })
        };
        #[cfg(not(unix))]
        let unix = Just(Header::v2_unknown());
        let nobody = vec![Header::v1_unknown(), Header::v2_unknown(), Header::v2_local()];
        prop_oneof![
            pair.clone().prop_map(|(client, destination)| Header::v1(client, destination)),
            pair.prop_map(|(client, destination)| Header::v2(client, destination)),
            unix,
            proptest::sample::select(nobody),
        ]
    }

    /// The header at the beginning of `wire`, taken in pieces of up to `piece` bytes, and how many bytes were taken.
    fn take(wire: &[u8], piece: usize) -> Result<(Header, usize), Option<Wrong>> {
        let mut taken = 0;
        loop {
            match look(&wire[..taken]).map_err(Some)? {
                Look::Header(header) => return Ok((header, taken)),
                Look::More(more) => {
                    assert!(more > 0);
                    let read = more.min(piece).min(wire.len() - taken);
                    if read == 0 {
                        return Err(None);
                    }
                    taken += read;
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_encoded_is_read_and_not_a_byte_more(header in headers(), behind: Vec<u8>, piece in 1_usize..64) {
            let encoded = header.encode();
            let wire = [&encoded[..], &behind].concat();
            prop_assert_eq!(take(&wire, piece), Ok((header.clone(), encoded.len())));
            prop_assert_eq!(take(&wire, usize::MAX), Ok((header, encoded.len())));
            for end in 0..encoded.len() {
                prop_assert_eq!(take(&wire[..end], piece), Err(None), "a part of a header is no other header");
            }
        }

        #[test]
        fn damage_and_garbage_are_refused_or_read_but_never_panic(
            header in headers(), at: prop::sample::Index, with: Vec<u8>, piece in 1_usize..64,
        ) {
            let mut wire = header.encode();
            let at = at.index(wire.len());
            wire.splice(at.., with.iter().copied());
            let _ = take(&wire, piece);
            let _ = take(&with, piece);
            let _ = look(&with);
        }
    }

    #[test]
    fn what_begins_otherwise_is_refused_at_its_first_wrong_byte() {
        assert_eq!(look(b"PROXX"), Err(Wrong::Absent(b"PROXX".to_vec())));
        assert_eq!(look(b"\r\n\r\n\0\r\nQUIT\0"), Err(Wrong::Absent(b"\r\n\r\n\0\r\nQUIT\0".to_vec())));
        let absent = look(b"GET / HTTP/1.1\r").unwrap_err().to_string();
        assert_eq!(absent, r#"no PROXY header: the connection begins with "GET / HTTP/1.1\r""#);
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_cannot_be_sent_is_refused() {
        for path in ["", "a\0b", &"x".repeat(109)] {
            let error = Header::v2_unix(None, Path::new(path)).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        }
    }

    #[test]
    fn addresses_are_canonical() {
        let mapped = "[::ffff:192.0.2.1]:7".parse().unwrap();
        let header = Header::v1(mapped, "[fe80::1%3]:8".parse().unwrap());
        assert_eq!(header.client().unwrap().to_string(), "192.0.2.1:7");
        assert_eq!(header.encode(), b"PROXY TCP6 ::ffff:192.0.2.1 fe80::1 7 8\r\n", "a scope means nothing elsewhere");
    }
}
