//! Who may say on whose behalf it connects.

use ipnet::IpNet;

use crate::Address;

/// Who may send a PROXY header, and so make its connection look as if it came from anywhere.
///
/// ```
/// # use wirework_servers::proxy::Trusted;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let trusted = Trusted::Networks(vec!["10.0.0.0/8".parse()?, "2001:db8::7/128".parse()?]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trusted {
    /// Whose socket has an address in one of these networks. Over a Unix socket and in memory nobody has.
    Networks(Vec<IpNet>),
    /// Whoever can connect: where a firewall, or the mode of a Unix socket, lets nobody in but the proxy.
    Anybody,
}

impl Trusted {
    pub(super) fn includes(&self, proxy: &Address) -> bool {
        match (self, proxy) {
            (Self::Anybody, _) => true,
            (Self::Networks(networks), Address::Tcp(proxy)) => {
                networks.iter().any(|network| network.contains(&proxy.ip()))
            }
            (Self::Networks(_), _) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    #[test]
    fn a_network_has_its_addresses_and_no_others() {
        let trusted = Trusted::Networks(vec!["10.0.0.0/8".parse().unwrap(), "2001:db8::/64".parse().unwrap()]);
        let tcp = |address: &str| Address::from(address.parse::<SocketAddr>().unwrap());
        assert!(trusted.includes(&tcp("10.255.0.1:1")) && trusted.includes(&tcp("[2001:db8::1]:1")));
        assert!(trusted.includes(&tcp("[::ffff:10.0.0.1]:1")), "an IPv4 client of an IPv6 socket");
        assert!(!trusted.includes(&tcp("11.0.0.1:1")) && !trusted.includes(&tcp("[2001:db8:0:1::1]:1")));
        for elsewhere in [Address::Memory, Address::Unix(None)] {
            assert!(!trusted.includes(&elsewhere) && Trusted::Anybody.includes(&elsewhere));
        }
        assert!(!Trusted::Networks(Vec::new()).includes(&tcp("10.0.0.1:1")));
    }
}
