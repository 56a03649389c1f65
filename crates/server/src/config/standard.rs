//! Settings that have a standard name in the environment, beside ours, which goes before it.

use anyhow::{Context, Result};
use figment::{Figment, providers::Env};
use schema::Object;

/// What the standard names say. An empty one is none, and what a file says holds.
pub(super) fn settings() -> Result<Object> {
    let standard = Env::raw().filter_map(|name| {
        let (_, ours) = STANDARD.iter().find(|(standard, _)| name == *standard)?;
        Some((*ours).into())
    });
    let mut settings: Object = Figment::from(standard).extract().context("reading the environment")?;
    settings.retain(|_, value| value != "");
    if let Some(value) = settings.get_mut(DISABLED) {
        // In any case of letters; whatever else it says counts as false.
        let is = *value == true || value.as_str().is_some_and(|word| word.eq_ignore_ascii_case("true"));
        *value = is.into();
    }
    Ok(settings)
}

/// Whether a setting has a standard name.
pub(super) fn names(setting: &str) -> bool {
    STANDARD.iter().any(|(_, ours)| setting == *ours)
}

const STANDARD: [(&str, &str); 6] = [
    ("OTEL_SDK_DISABLED", DISABLED),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "otlp_endpoint"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "otlp_headers"),
    ("OTEL_SERVICE_NAME", "otel_service_name"),
    ("OTEL_TRACES_SAMPLER", "traces_sampler"),
    ("OTEL_TRACES_SAMPLER_ARG", "traces_sampler_arg"),
];
const DISABLED: &str = "otel_sdk_disabled";
