//! Version 2: binary.
//!
//! ```text
//! 0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A   signature
//! 21           version 2, and the command: 0 LOCAL, 1 PROXY
//! 11           the family (0 UNSPEC, 1 IPv4, 2 IPv6, 3 Unix), and the protocol (0 UNSPEC, 1 stream, 2 datagram)
//! 00 0C        how many bytes follow: the addresses, and then vectors of type, length and value
//! C0 00 02 01  C6 33 64 01  DC 04  01 BB   client, destination, and their ports
//! ```

use std::net::{IpAddr, SocketAddr};
#[cfg(unix)]
use std::os::unix::ffi::OsStrExt;

use super::header::{Header, Look, Origin, Pair, Version, Wrong};
use super::tlv;
use crate::Address;

pub(super) const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// How many bytes come before those that are counted.
pub(super) const FIXED: usize = 16;

/// How many bytes a header may have. Meant to fit into a small segment, it has a kilobyte or two with a client's certificate.
pub(super) const MAX: usize = 4096;

/// How many bytes the path of a Unix socket has, filled up with NUL.
const PATH: usize = 108;

const LOCAL: u8 = 0x20;
const PROXY: u8 = 0x21;

const UNSPEC: u8 = 0x00;
const TCP4: u8 = 0x11;
const TCP6: u8 = 0x21;
const UNIX: u8 = 0x31;

pub(super) fn look(bytes: &[u8]) -> Result<Look, Wrong> {
    if let Some(&command) = bytes.get(12)
        && !matches!(command, LOCAL | PROXY)
    {
        return Err(Wrong::V2("its version is not 2, or its command neither LOCAL nor PROXY"));
    }
    let Some((fixed, rest)) = bytes.split_first_chunk::<FIXED>() else {
        return Ok(Look::More(FIXED.saturating_sub(bytes.len())));
    };
    let [.., command, family, high, low] = *fixed;
    let len = FIXED + usize::from(u16::from_be_bytes([high, low]));
    if len > MAX {
        return Err(Wrong::TooLong(len));
    }
    if let Some(missing @ 1..) = len.checked_sub(bytes.len()) {
        return Ok(Look::More(missing));
    }
    let origin = match command {
        // Its family, and so where its vectors begin, is to be ignored.
        LOCAL => Origin::Local,
        _ => origin(family, bytes, rest).map_err(Wrong::V2)?,
    };
    Ok(Look::Header(Header { version: Version::Two, origin }))
}

/// Whose connection it is; `rest` is what `header` has behind its fixed part.
fn origin(family: u8, header: &[u8], rest: &[u8]) -> Result<Origin, &'static str> {
    let short = "its addresses have fewer bytes than those of its family";
    let addresses = match (family >> 4, family & 0x0F) {
        (0, 0..=2) | (1..=3, 0) => return Ok(Origin::Unknown),
        (1, 1 | 2) => 2 * (4 + 2),
        (2, 1 | 2) => 2 * (16 + 2),
        (3, 1 | 2) => 2 * PATH,
        _ => return Err("its family or its protocol is not one of version 2"),
    };
    let (addresses, vectors) = rest.split_at_checked(addresses).ok_or(short)?;
    tlv::check(header, vectors)?;
    let client = match family {
        TCP4 => pair::<4>(addresses),
        TCP6 => pair::<16>(addresses),
        UNIX => addresses.split_at_checked(PATH).map(|(client, destination)| (path(client), path(destination))),
        // Datagrams.
        _ => return Ok(Origin::Unknown),
    };
    let (client, destination) = client.ok_or(short)?;
    Ok(Origin::Client(client, destination))
}

/// Two IP addresses of `N` bytes, and their ports.
fn pair<const N: usize>(bytes: &[u8]) -> Option<(Address, Address)>
where
    IpAddr: From<[u8; N]>,
{
    let (client, rest) = bytes.split_first_chunk::<N>()?;
    let (destination, rest) = rest.split_first_chunk::<N>()?;
    let (from, rest) = rest.split_first_chunk::<2>()?;
    let (to, _) = rest.split_first_chunk::<2>()?;
    let address = |ip: &[u8; N], port: &[u8; 2]| SocketAddr::new(IpAddr::from(*ip), u16::from_be_bytes(*port)).into();
    Some((address(client, from), address(destination, to)))
}

/// The path of a Unix socket, up to its first NUL. Linux has abstract names, too, which begin with one: they are no paths.
fn path(bytes: &[u8]) -> Address {
    let path = bytes.split(|&byte| byte == 0).next().filter(|path| !path.is_empty());
    #[cfg(unix)]
    return Address::Unix(path.map(|path| std::ffi::OsStr::from_bytes(path).into()));
    #[cfg(not(unix))]
    return Address::Unix(path.and_then(|path| str::from_utf8(path).ok()).map(Into::into));
}

pub(super) fn encode(origin: &Origin) -> Vec<u8> {
    let mut addresses = Vec::new();
    let (command, family) = match origin {
        Origin::Local => (LOCAL, UNSPEC),
        Origin::Client(Address::Tcp(client), Address::Tcp(destination)) => {
            let (family, ports) = match Pair::of(*client, *destination) {
                Pair::V4(pair) => {
                    pair.iter().for_each(|address| addresses.extend(address.ip().octets()));
                    (TCP4, pair.map(|address| address.port()))
                }
                Pair::V6(pair) => {
                    pair.iter().for_each(|(ip, _)| addresses.extend(ip.octets()));
                    (TCP6, pair.map(|(_, port)| port))
                }
            };
            ports.iter().for_each(|port| addresses.extend(port.to_be_bytes()));
            (PROXY, family)
        }
        #[cfg(unix)]
        Origin::Client(Address::Unix(client), Address::Unix(destination)) => {
            for path in [client, destination] {
                let path = path.as_deref().map(path_bytes).unwrap_or_default();
                addresses.extend(path.iter().copied().chain(std::iter::repeat(0)).take(PATH));
            }
            (PROXY, UNIX)
        }
        _ => (PROXY, UNSPEC),
    };
    // At most 216 bytes.
    let len = u16::try_from(addresses.len()).unwrap_or(u16::MAX).to_be_bytes();
    [SIGNATURE, &[command, family], &len, &addresses].concat()
}

/// Whether a path fits, and is read back as it is.
#[cfg(unix)]
pub(super) fn is_path(path: &std::path::Path) -> bool {
    let bytes = path_bytes(path);
    (1..=PATH).contains(&bytes.len()) && !bytes.contains(&0)
}

#[cfg(unix)]
fn path_bytes(path: &std::path::Path) -> &[u8] {
    path.as_os_str().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let len = u16::try_from(rest.len()).unwrap();
        [SIGNATURE, &[command, family], &len.to_be_bytes(), rest].concat()
    }

    fn read(bytes: &[u8]) -> Header {
        match look(bytes) {
            Ok(Look::Header(header)) => header,
            other => panic!("{other:?}"),
        }
    }

    fn why(bytes: &[u8]) -> &'static str {
        match look(bytes) {
            Err(Wrong::V2(why)) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_local_or_unknown_is_skipped_whatever_it_holds() {
        assert_eq!(read(&header(LOCAL, 0xFF, b"anything")), Header::v2_local());
        for family in [0x00, 0x01, 0x02, 0x10, 0x20, 0x30] {
            assert_eq!(read(&header(PROXY, family, b"anything")), Header::v2_unknown(), "{family:#x}");
        }
        for (family, addresses) in [(0x12, 12), (0x22, 36), (0x32, 216)] {
            assert_eq!(read(&header(PROXY, family, &vec![1; addresses])), Header::v2_unknown(), "datagrams");
        }
    }

    #[test]
    fn what_the_specification_does_not_know_is_refused() {
        for command in [0x11, 0x22, 0x2F, 0x31, 0x00] {
            assert!(why(&header(command, TCP4, &[0; 12])).starts_with("its version is not 2"), "{command:#x}");
        }
        for family in [0x03, 0x13, 0x41, 0xF1, 0x33] {
            assert!(why(&header(PROXY, family, &[0; 216])).starts_with("its family or"), "{family:#x}");
        }
        for (family, addresses) in [(TCP4, 12), (TCP6, 36), (UNIX, 216), (0x12, 12)] {
            assert!(why(&header(PROXY, family, &vec![0; addresses - 1])).starts_with("its addresses"), "{family:#x}");
        }
    }

    #[test]
    fn a_header_has_4096_bytes_and_no_more() {
        let longest = header(LOCAL, 0, &[0; 4080]);
        assert_eq!((longest.len(), read(&longest)), (4096, Header::v2_local()));
        assert_eq!(look(&header(LOCAL, 0, &[0; 4081])[..FIXED]), Err(Wrong::TooLong(4097)), "before it has come");
    }

    #[test]
    fn paths_end_with_their_first_nul() {
        let path_of = |bytes: &[u8]| path(&[bytes, &[0; PATH]].concat()[..PATH]);
        assert_eq!(path_of(b"/run/x"), Address::Unix(Some("/run/x".into())));
        assert_eq!(path_of(b"/run/x\0y"), Address::Unix(Some("/run/x".into())));
        assert_eq!((path_of(b""), path_of(b"\0abstract")), (Address::Unix(None), Address::Unix(None)));
        assert_eq!(path_of(&[b'x'; PATH]), Address::Unix(Some("x".repeat(PATH).into())), "without a NUL");
    }
}
