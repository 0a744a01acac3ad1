//! `allowed_outbound_hosts` and `allowed_http_hosts`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use secrecy::ExposeSecret;
use url::{Host, Url};

use super::application::AppVariable;
use super::component::ComponentTable;
use crate::reader::Report;
use crate::template::{self, Part};

/// The servers that a component may send requests to: its `allowed_outbound_hosts`.
#[derive(Clone, Debug, Default)]
pub struct OutboundHosts(Vec<String>);

impl OutboundHosts {
    pub(crate) fn new(component: &ComponentTable) -> Self {
        let hosts = component.hosts.iter();
        Self(hosts.map(|(host, _)| host.clone()).collect())
    }

    /// Whether Spin would let the component send a request to this server:
    /// `https://example.com`, or with a port.
    ///
    /// An item with a variable in it is taken to allow every server.
    pub fn allow(&self, server: &str) -> bool {
        let Ok(url) = Url::parse(server) else {
            return false;
        };
        self.0.iter().any(|item| allows(item, &url))
    }
}

fn allows(item: &str, url: &Url) -> bool {
    if item.contains("{{") {
        return true;
    }
    let Some((scheme, rest)) = item.trim().split_once("://") else {
        return false;
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = match rest.rsplit_once(':') {
        // A colon of an address of IPv6.
        Some(_) if rest.ends_with(']') => (rest, ""),
        Some((host, port)) => (host, port),
        None => (rest, ""),
    };
    let Some(asked) = url.port_or_known_default() else {
        return false;
    };
    let port = match port {
        "" => match scheme {
            "http" => asked == 80,
            "https" => asked == 443,
            _ => false,
        },
        "*" => true,
        port => match port.split_once("..") {
            Some((first, end)) => {
                let (first, end) = (first.parse::<u16>(), end.parse::<u16>());
                first.is_ok_and(|first| first <= asked) && end.is_ok_and(|end| asked < end)
            }
            None => port.parse() == Ok(asked),
        },
    };
    port && (scheme == "*" || scheme == url.scheme()) && allows_host(host, url)
}

fn allows_host(item: &str, url: &Url) -> bool {
    let (Some(host), Some(text)) = (url.host(), url.host_str()) else {
        return false;
    };
    if item == "*" {
        return true;
    }
    if let Some(domain) = item.strip_prefix("*.") {
        return text
            .strip_suffix(domain)
            .is_some_and(|sub| sub.ends_with('.'));
    }
    let address = match host {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(IpAddr::V4(address)),
        Host::Ipv6(address) => Some(IpAddr::V6(address)),
    };
    match (item.split_once('/'), address) {
        (Some((network, length)), Some(address)) => is_in(network, length, address),
        (Some(_), None) => false,
        (None, _) => Host::parse(item).is_ok_and(|item| item == host.to_owned()),
    }
}

/// Whether an address is in a network, `10.0.0.0` of `8` bits.
fn is_in(network: &str, length: &str, address: IpAddr) -> bool {
    let bits = |address: IpAddr| match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()) << 96, true),
        IpAddr::V6(address) => (address.to_bits(), false),
    };
    let (Ok(network), Ok(length)) = (network.parse(), length.parse::<u32>()) else {
        return false;
    };
    let ((network, is_v4), (address, same)) = (bits(network), bits(address));
    let mask = u128::MAX
        .checked_shl(128_u32.saturating_sub(length))
        .unwrap_or(0);
    is_v4 == same && network & mask == address & mask
}

const FORM: &str = "write <scheme>://<host>[:<port>], as in \"https://example.com\"; `*` stands for \
                    any scheme, host or port";

pub(super) fn check(
    component: &ComponentTable,
    variables: &BTreeMap<String, AppVariable>,
    report: &mut Report<'_>,
) {
    let all =
        |hosts: &[(String, usize)]| hosts.iter().any(|(host, _)| host == "insecure:allow-all");
    for (host, at) in &component.http_hosts {
        if !all(&component.http_hosts) && !is_http_host(host) {
            let message = "an item of `allowed_http_hosts` is not a host or host:port";
            let remedy = "move it to `allowed_outbound_hosts`, as \"https://<host>\"";
            report.refuse(*at, message, remedy);
        }
    }
    for (host, at) in &component.hosts {
        let Some(parts) = template::parse(host) else {
            let message = "an item of `allowed_outbound_hosts` has a `{{` without a `}}` after it";
            report.refuse(*at, message, "write {{ <variable of the application> }}");
            continue;
        };
        let good = if parts.iter().all(|part| matches!(part, Part::Literal(_))) {
            is_host(host)
        } else {
            // Checked as far as there are defaults.
            with_defaults(&parts, variables).is_none_or(|host| {
                ["", "http://", "https://"].contains(&host.as_str()) || is_host(&host)
            })
        };
        if !good {
            let message = "Spin refuses an item of `allowed_outbound_hosts`";
            report.refuse(*at, message, FORM);
        }
    }
}

fn with_defaults(parts: &[Part], variables: &BTreeMap<String, AppVariable>) -> Option<String> {
    let parts = parts.iter().map(|part| match part {
        Part::Literal(text) => Some(text.as_str()),
        Part::Variable(name) => Some(variables.get(name)?.default.as_ref()?.expose_secret()),
    });
    parts.collect()
}

fn is_host(text: &str) -> bool {
    let Some((scheme, rest)) = text.trim().split_once("://") else {
        return false;
    };
    if scheme != "*" && scheme.contains(|c: char| !c.is_alphabetic()) {
        return false;
    }
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, "")) => (host, ""),
        // A colon of an address of IPv6.
        Some(_) if is_host_name(rest) => (rest, ""),
        Some((host, port)) => match port.split_once('/') {
            Some((port, "")) => (host, port),
            Some(_) => return false,
            None => (host, port),
        },
        None => (rest, ""),
    };
    is_port(port, scheme) && is_host_name(host)
}

fn is_port(port: &str, scheme: &str) -> bool {
    let number = |text: &str| text.parse::<u16>().is_ok();
    match port {
        "" => ["postgres", "mysql", "redis", "mqtt", "http", "https"].contains(&scheme),
        "*" => true,
        port => match port.split_once("..") {
            Some((first, end)) => number(first) && number(end),
            None => number(port),
        },
    }
}

fn is_host_name(host: &str) -> bool {
    let host = host.trim();
    if ["*", "self", "self.alt"].contains(&host) || is_network(host) {
        return true;
    }
    let host = host.strip_suffix('/').unwrap_or(host);
    match host.strip_prefix("*.") {
        Some(domain) => {
            !domain.contains(['*', '/']) && matches!(Host::parse(domain), Ok(Host::Domain(_)))
        }
        None => !host.contains(['*', '/']) && !host.starts_with('{') && Host::parse(host).is_ok(),
    }
}

/// An address with the length of a network's prefix: `10.0.0.0/8`.
pub(crate) fn is_network(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else {
        return false;
    };
    let Ok(length) = length.parse::<u8>() else {
        return false;
    };
    match address.parse() {
        Ok(IpAddr::V4(_)) => length <= 32,
        Ok(IpAddr::V6(_)) => length <= 128,
        Err(_) => false,
    }
}

fn is_http_host(text: &str) -> bool {
    let url = if text.contains("//") {
        Url::parse(text)
    } else {
        Url::parse(&format!("http://{text}"))
    };
    url.is_ok_and(|url| {
        ["http", "https"].contains(&url.scheme()) && url.host().is_some() && url.path().len() <= 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_allowed_where_spin_would_allow_it() {
        for (item, allowed, denied) in [
            (
                "https://example.com",
                &["https://example.com", "https://example.com:443"][..],
                &[
                    "http://example.com",
                    "https://example.com:8443",
                    "https://a.example.com",
                ][..],
            ),
            (
                "http://localhost:3000/",
                &["http://localhost:3000"],
                &["http://localhost"],
            ),
            ("*://*:*", &["http://a.b:1", "https://[::1]"], &[]),
            (
                "https://*",
                &["https://a.b"],
                &["https://a.b:1", "http://a.b"],
            ),
            (
                "https://*.example.com",
                &["https://a.example.com", "https://a.b.example.com"],
                &["https://example.com", "https://badexample.com"],
            ),
            (
                "http://127.0.0.1:8000..9000",
                &["http://127.0.0.1:8000", "http://127.0.0.1:8999"],
                &["http://127.0.0.1:9000", "http://127.0.0.2:8000"],
            ),
            (
                "*://10.0.0.0/8:*",
                &["http://10.9.8.7:1"],
                &["http://11.0.0.1", "http://a.b"],
            ),
            ("http://[::1]", &["http://[::1]"], &["http://[::2]"]),
            ("{{ server }}", &["https://a.b"], &[]),
            ("https://self", &[], &["https://example.com"]),
        ] {
            let hosts = OutboundHosts(vec![item.to_owned()]);
            for server in allowed {
                assert!(hosts.allow(server), "{item} {server}");
            }
            for server in denied {
                assert!(!hosts.allow(server), "{item} {server}");
            }
        }
        assert!(!OutboundHosts::default().allow("https://example.com"));
    }

    #[test]
    fn hosts_are_judged_as_spin_judges_them() {
        for good in [
            "https://example.com",
            "http://self",
            "*://*:*",
            "https://*.example.com",
            "redis://localhost:6379",
            "http://localhost:3000/",
            "http://10.0.0.0/8",
            "*://127.0.0.1:8000..9000",
            "http://[::1]:80",
            " https://a.b ",
            "https://app.spin.internal",
        ] {
            assert!(is_host(good), "{good}");
        }
        for bad in [
            "example.com",
            "",
            "*",
            "https://example.com/path",
            "ftp://example.com",
            "https://example.com:port",
            "https://*.*.com",
            "https://a*.com",
            "https://{a,b}",
            "*://example.com",
            "ht-tp://example.com:1",
            "https://example.com:1/x",
            "*://1.2.3.4:70000",
        ] {
            assert!(!is_host(bad), "{bad}");
        }
    }
}
