//! `allowed_outbound_hosts` and `allowed_http_hosts`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use secrecy::ExposeSecret;
use url::{Host, Url};

use super::application::AppVariable;
use super::component::ComponentTable;
use crate::reader::Report;
use crate::template::{self, Part};

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
