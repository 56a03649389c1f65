//! Which tenant a host means, and what can be a host at all.

use std::collections::HashMap;

use super::{ADMINISTRATORS, DEFAULT_TENANT};
use crate::Tenant;

/// The tenants in memory, by what they are looked up by.
#[derive(Default)]
pub struct Loaded {
    pub by_name: HashMap<String, Tenant>,
    pub by_host: HashMap<String, Tenant>,
}

impl Loaded {
    pub fn of(by_name: HashMap<String, Tenant>) -> Loaded {
        let mut by_host = HashMap::new();
        let mut all: Vec<&Tenant> =
            by_name.values().filter(|tenant| tenant.name() != ADMINISTRATORS).collect();
        // Of several on one name at different ports the default tenant has the name itself.
        all.sort_by_key(|tenant| (tenant.name() != DEFAULT_TENANT, tenant.name()));
        for tenant in all {
            for host in tenant.hosts() {
                by_host.entry(without_port(&host).to_owned()).or_insert_with(|| tenant.clone());
                by_host.insert(host, tenant.clone());
            }
        }
        Loaded { by_host, by_name }
    }
}

/// Whether a text can be a host, or a host with a port, and nothing else.
pub fn is_host(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    !text.is_empty() && text.len() <= 255 && text.chars().all(is_part)
}

/// A host as it is called without its port; an IPv6 address keeps its brackets.
pub fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => {
            if port.bytes().all(|digit| digit.is_ascii_digit()) { name } else { host }
        }
        _ => host,
    }
}
