//! What a peer may really be speaking, when its first bytes make no sense as what was expected.

use std::borrow::Cow;

use crate::{FrameError, Location};

/// First bytes that give another protocol away.
const SIGNS: &[(&[u8], &str)] = &[
    (b"GET ", HTTP),
    (b"PUT ", HTTP),
    (b"POST ", HTTP),
    (b"HEAD ", HTTP),
    (b"PATCH ", HTTP),
    (b"DELETE ", HTTP),
    // SIP and RTSP have this method, too, for targets of their own.
    (b"OPTIONS /", HTTP),
    (b"OPTIONS * HTTP", HTTP),
    (b"CONNECT ", HTTP),
    (b"HTTP/1.", HTTP),
    (b"PRI * HTTP/2", HTTP),
    (b"\x16\x03\x00", TLS),
    (b"\x16\x03\x01", TLS),
    (b"\x16\x03\x02", TLS),
    (b"\x16\x03\x03", TLS),
    (b"SSH-", "it looks like an SSH banner"),
    (b"PROXY TCP", PROXY),
    (b"PROXY UNKNOWN", PROXY),
    (b"\r\n\r\n\0\r\nQUIT\n", PROXY),
    (b"\xef\xbb\xbf", "it begins with a byte-order mark of UTF-8"),
    (b"\xff\xfe", "it begins with a byte-order mark of UTF-16LE"),
    (b"\xfe\xff", "it begins with a byte-order mark of UTF-16BE"),
];

const HTTP: &str = "it looks like HTTP";
const TLS: &str = "it looks like a TLS handshake (RFC 8446, section 5.1)";
const PROXY: &str = "it looks like a PROXY protocol header, which a load balancer puts in front";

/// What the bytes where a stream was lost, or a number in the error, give away.
pub(crate) fn guess(location: &Location, cause: &FrameError) -> Option<Cow<'static, str>> {
    // Anywhere else such bytes stand there by chance.
    let sign = SIGNS.iter().find(|(sign, _)| location.offset == 0 && location.head.starts_with(sign));
    match (sign, cause) {
        (Some((_, what)), _) => Some((*what).into()),
        (None, FrameError::TooLong { claimed: Some(claimed), max }) => swapped(*claimed)
            .filter(|swapped| *swapped <= *max as u64)
            .map(|swapped| format!("in the other byte order that length is {swapped}").into()),
        (None, _) => None,
    }
}

/// A number of 2, 4 or 8 bytes in the other byte order.
fn swapped(claimed: u64) -> Option<u64> {
    match (u16::try_from(claimed), u32::try_from(claimed)) {
        (Ok(short), _) => Some(u64::from(short.swap_bytes())),
        (_, Ok(long)) => Some(u64::from(long.swap_bytes())),
        _ => Some(claimed.swap_bytes()),
    }
    .filter(|swapped| *swapped > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lost;

    fn lost(offset: u64, head: &[u8], claimed: u64) -> String {
        let cause = FrameError::TooLong { claimed: Some(claimed), max: 1024 };
        Lost::new(Location::new(1, offset, head), cause).to_string()
    }

    #[test]
    fn another_protocol_is_recognised_by_its_first_bytes_at_the_start_of_the_stream() {
        for (head, what) in [
            (&b"GET / HTTP/1.1\r\n"[..], "HTTP"),
            (b"\x16\x03\x01\x02\x00\x01", "TLS"),
            (b"SSH-2.0-x", "SSH"),
            (b"PROXY TCP4 1.2.3", "PROXY"),
            (b"\r\n\r\n\0\r\nQUIT\n\x21\x11", "PROXY"),
            (b"\xef\xbb\xbf{", "byte-order mark of UTF-8"),
            (b"\xff\xfe{\0", "byte-order mark of UTF-16LE"),
        ] {
            assert!(lost(0, head, u64::MAX).contains(what), "{}", lost(0, head, u64::MAX));
            assert!(!lost(7, head, u64::MAX).contains("; it"), "{}", lost(7, head, u64::MAX));
        }
        for (head, is_http) in [("OPTIONS / HTTP/1", true), ("OPTIONS * HTTP/1", true), ("OPTIONS sip:a SI", false)] {
            assert_eq!(lost(0, head.as_bytes(), u64::MAX).contains("HTTP"), is_http, "{head}");
        }
    }

    #[test]
    fn a_length_in_the_wrong_byte_order_is_read_in_the_other() {
        let said = lost(9, b"\x05\0\0\0hello", 0x0500_0000);
        assert!(said.ends_with("(it claims 83886080); in the other byte order that length is 5"), "{said}");
        assert!(!lost(9, b"\x7f\xff\xff\xff", 0x7fff_ffff).contains("byte order"));
    }
}
