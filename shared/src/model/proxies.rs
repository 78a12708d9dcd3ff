//! Proxies in front of the API, and the client's address behind them.

use std::net::{IpAddr, SocketAddr};

use super::rules::{InvalidRule, IpRule};

/// The addresses of proxies that say truly whom they speak for. The default trusts nobody.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpRule>);

impl TrustedProxies {
    /// Reads addresses and ranges with commas between them. An empty text trusts nobody.
    ///
    /// # Errors
    /// Returns `InvalidRule` for the first that is neither an address nor a range.
    pub fn parse(text: &str) -> Result<Self, InvalidRule> {
        let parts = text.split(',').map(str::trim);
        let parts = parts.filter(|part| !part.is_empty());
        parts.map(IpRule::parse).collect::<Result<_, _>>().map(Self)
    }

    /// Returns the client's address: that of the connection, unless a trusted proxy made it.
    ///
    /// Each proxy appends to `X-Forwarded-For` the address that it was called from. So the list is read from its
    /// end, and the first address that is no trusted proxy's is the client's. What stands before it the client
    /// may have made up. `None` means that a trusted proxy speaks for something that is no address.
    #[must_use]
    pub fn client(&self, connection: IpAddr, forwarded: Option<&str>) -> Option<IpAddr> {
        let mut client = connection;
        for hop in forwarded.unwrap_or_default().rsplit(',') {
            if !self.trusts(client) {
                break;
            }
            match hop.trim() {
                "" => {}
                hop => client = address(hop)?,
            }
        }
        Some(client)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|rule| rule.contains(address))
    }
}

/// Reads an address, with a port or without.
fn address(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    text.parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &str, connection: &str, forwarded: &str) -> Option<String> {
        let trusted = TrustedProxies::parse(trusted).unwrap();
        let client = trusted.client(connection.parse().unwrap(), Some(forwarded));
        client.map(|address| address.to_string())
    }

    #[test]
    fn the_last_address_that_is_no_trusted_proxys_is_the_client() {
        for (trusted, connection, forwarded, expected) in [
            // Nobody is trusted.
            ("", "203.0.113.9", "198.51.100.1", Some("203.0.113.9")),
            // Somebody else claims to be a proxy.
            (
                "192.0.2.1",
                "203.0.113.9",
                "198.51.100.1, 203.0.113.9",
                Some("203.0.113.9"),
            ),
            // The gateway appends the connection's address, or it does not.
            (
                "192.0.2.1",
                "192.0.2.1",
                "198.51.100.1, 192.0.2.1",
                Some("198.51.100.1"),
            ),
            (
                "192.0.2.1",
                "192.0.2.1",
                "198.51.100.1",
                Some("198.51.100.1"),
            ),
            // The client sent a list of its own.
            (
                "192.0.2.1",
                "192.0.2.1",
                "10.0.0.1, 198.51.100.1, 192.0.2.1",
                Some("198.51.100.1"),
            ),
            // Two proxies, one after the other.
            (
                "192.0.2.0/24",
                "192.0.2.1",
                "198.51.100.1, 192.0.2.77",
                Some("198.51.100.1"),
            ),
            (
                "192.0.2.1,2001:db8::/32",
                "192.0.2.1",
                "198.51.100.1:4711, 2001:db8::5",
                Some("198.51.100.1"),
            ),
            // A trusted proxy's own request, and one that names nobody.
            ("192.0.2.1", "192.0.2.1", "", Some("192.0.2.1")),
            ("192.0.2.1", "192.0.2.1", "unknown, 192.0.2.1", None),
        ] {
            let found = client(trusted, connection, forwarded);
            assert_eq!(
                found.as_deref(),
                expected,
                "{trusted} {connection} {forwarded}"
            );
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        assert!(TrustedProxies::parse(" 192.0.2.1 , 198.51.100.0/24,").is_ok());
        assert!(TrustedProxies::parse("192.0.2.1, proxy.example.com").is_err());
    }
}
