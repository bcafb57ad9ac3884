//! Whom a connection counts for.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

use crate::Address;

/// The address that a connection counts for: an IPv4 address, or the IPv6 network of 64 bits, within which a single customer
/// has as many addresses as it likes (RFC 6177). `None` where there is no address that a limit could go by, or it is one of
/// those that do not count.
pub(super) fn counted(address: &Address, exempt: &[IpNet]) -> Option<IpAddr> {
    let Address::Tcp(address) = address else { return None };
    let ip = address.ip().to_canonical();
    if exempt.iter().any(|network| network.contains(&ip)) {
        return None;
    }
    Some(match ip {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_customer_is_one_whatever_the_address() {
        let of = |text: &str| counted(&Address::Tcp(text.parse().unwrap()), &[]).unwrap().to_string();
        assert_eq!(of("[2001:db8:1:2:3:4:5:6]:7"), "2001:db8:1:2::");
        assert_eq!(of("[2001:db8:1:2:ffff::]:8"), "2001:db8:1:2::");
        assert_eq!(of("[::ffff:192.0.2.1]:7"), "192.0.2.1");
        assert_eq!(of("192.0.2.1:9"), "192.0.2.1");
        assert_eq!(counted(&Address::Memory, &[]), None);
    }
}
