//! The limit on keys that are not valid: a leaky bucket for each network.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
    time::Duration,
};

use super::buckets::{Buckets, Exhausted};

/// The network of a client. Whoever has an IPv6 address has the 2^64 around it, so these count as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        // A listener for both versions tells IPv4 addresses as `::ffff:192.0.2.1`, which would all be in one
        // network.
        Self(match address.to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

/// The limit on failed keys of each network. Cloning it is cheap; the clones share the buckets.
#[derive(Clone, Debug)]
pub struct FailedKeyLimiter(Option<Arc<Buckets<Network>>>);

impl FailedKeyLimiter {
    /// Default number of failed keys that a network may send in a minute.
    pub const DEFAULT_PER_MINUTE: u32 = 60;

    /// Allows so many in a minute, on average and at once; 0 for no limit.
    #[must_use]
    pub fn per_minute(failures: u32) -> Self {
        let period = Duration::from_mins(1).checked_div(failures);
        Self(period.and_then(|period| Buckets::new(failures, period)).map(Arc::new))
    }

    /// Counts a failed key. A request whose network is not known does not count; every request that
    /// came through the listener has one.
    pub(super) fn count(&self, network: Option<Network>) -> Result<(), Exhausted> {
        match (&self.0, network) {
            (Some(buckets), Some(network)) => buckets.take(&network, 1).map(drop),
            (None, _) | (_, None) => Ok(()),
        }
    }

    /// Takes back a failed key that was counted.
    pub(super) fn give_back(&self, network: Option<Network>) {
        if let (Some(buckets), Some(network)) = (&self.0, network) {
            buckets.give_back(&network);
        }
    }

    pub(super) fn sweep(&self) {
        if let Some(buckets) = &self.0 {
            buckets.sweep();
        }
    }
}

impl Default for FailedKeyLimiter {
    fn default() -> Self {
        Self::per_minute(Self::DEFAULT_PER_MINUTE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_ipv6_network_count_as_one_and_of_ipv4_each_for_itself() {
        let network = |address: &str| Network::from(address.parse::<IpAddr>().expect("an address"));
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:0:0:2"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }
}
