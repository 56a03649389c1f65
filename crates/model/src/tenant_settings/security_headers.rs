//! The security headers of the login pages.

use std::collections::BTreeMap;

use schema::Shaped;
use serde::Deserialize;

/// The security headers of the login pages.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct SecurityHeaders {
    /// The content security policy.
    pub content_security_policy: Option<ContentSecurityPolicy>,
    /// The older guard against scripts.
    pub x_xss_protection: Option<XssProtection>,
}

/// The content security policy.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ContentSecurityPolicy {
    /// Whether it is sent.
    pub enabled: Option<bool>,
    /// Its policies.
    pub policies: Option<Vec<CspPolicy>>,
    /// Where violations are reported.
    pub reporting_infrastructure: Option<ReportingInfrastructure>,
}

/// One policy.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct CspPolicy {
    /// Directives and their sources.
    pub directives: Option<BTreeMap<String, Vec<String>>>,
    /// Directives without sources.
    pub flags: Option<Vec<CspFlag>>,
    /// Whether it is enforced or only reported.
    pub mode: Option<CspMode>,
    /// Where its violations are reported.
    pub reporting: Option<CspReporting>,
}

/// A directive without sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "kebab-case")]
pub enum CspFlag {
    UpgradeInsecureRequests,
    BlockAllMixedContent,
}

/// Whether a policy is enforced or only reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum CspMode {
    Enforcing,
    Reporting,
}

/// Where a policy's violations are reported.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct CspReporting {
    /// Name of a group of endpoints.
    pub report_to_group: Option<String>,
    /// One address.
    pub report_uri: Option<String>,
}

/// Where violations are reported.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ReportingInfrastructure {
    /// A group of endpoints in the older form.
    pub report_to: Option<ReportTo>,
    /// Endpoints by name.
    pub reporting_endpoints: Option<BTreeMap<String, String>>,
}

/// A group of endpoints.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ReportTo {
    /// Its endpoints.
    pub endpoints: Option<Vec<ReportEndpoint>>,
    /// Its name.
    pub group: Option<String>,
    /// Seconds that a browser remembers it.
    #[field(min(0))]
    pub max_age: Option<i64>,
}

/// An endpoint that takes reports.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ReportEndpoint {
    /// Its address.
    pub url: Option<String>,
}

/// The older guard against scripts.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct XssProtection {
    /// Whether it is on.
    pub enabled: Option<bool>,
    /// What it does.
    pub mode: Option<XssMode>,
    /// Where it reports.
    pub report_uri: Option<String>,
}

/// What the older guard does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum XssMode {
    Block,
}
