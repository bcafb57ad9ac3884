//! How many connections an address has.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ipnet::IpNet;

use super::network::counted;
use crate::{Address, Limit, Limits};

/// How many connections each address has, from when they are accepted.
#[derive(Debug)]
pub(crate) struct Addresses {
    most: Limit<usize>,
    exempt: Vec<IpNet>,
    counts: Mutex<HashMap<IpAddr, usize>>,
}

/// What a connection counts for, for as long as this is there.
#[derive(Debug)]
pub(crate) struct Share {
    addresses: Arc<Addresses>,
    network: Option<IpAddr>,
}

/// An address has as many connections as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

impl Addresses {
    pub(super) fn new(limits: &Limits) -> Arc<Self> {
        let counts = Mutex::default();
        Arc::new(Self { most: limits.per_address, exempt: limits.exempt.clone(), counts })
    }

    /// Counts a connection of this address, or of nobody, unless that has too many.
    pub(crate) fn count(self: &Arc<Self>, address: Option<&Address>) -> Result<Share, TooMany> {
        let network = self.network(address);
        if let (Some(network), Limit::At(most)) = (network, self.most) {
            let mut counts = self.counts();
            let count = counts.entry(network).or_default();
            if *count >= most {
                return Err(TooMany);
            }
            *count += 1;
        }
        Ok(Share { addresses: self.clone(), network })
    }

    /// Whom an address counts for, if it counts.
    fn network(&self, address: Option<&Address>) -> Option<IpAddr> {
        let Limit::At(_) = self.most else { return None };
        counted(address?, &self.exempt)
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    /// Counts for this address, which a handshake has told, unless that has too many.
    pub(super) fn told(self, address: &Address) -> Result<Self, TooMany> {
        if self.network == self.addresses.network(Some(address)) {
            Ok(self)
        } else {
            self.addresses.count(Some(address))
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let Some(network) = self.network else { return };
        let mut counts = self.addresses.counts();
        if let Some(count) = counts.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&network);
            }
        }
        if counts.is_empty() {
            // What many took is not kept for few.
            *counts = HashMap::new();
        }
    }
}
