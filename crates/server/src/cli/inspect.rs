//! What is in a token in words, and every reason why it is not valid here.

use idp::Tenant;
use jiff::Timestamp;
use jose::Token;
use serde_json::{Map, Value, json};

use super::print::{self, Output};
use crate::cli::print::say;

/// What a token says and what is wrong with it.
pub struct Report {
    header: Value,
    claims: Map<String, Value>,
    faults: Vec<String>,
    now: i64,
}

/// Every reason why an API of this tenant would refuse the token.
pub fn inspect(tenant: &Tenant, compact: &str, audience: Option<&str>) -> Report {
    let now = tenant.clock().now();
    let token = match Token::parse(compact) {
        Ok(token) => token,
        Err(error) => {
            let faults = vec![format!("It is no signed token (JWS in compact form): {error}.")];
            return Report { header: Value::Null, claims: Map::new(), faults, now };
        }
    };
    let claims = token.claims().unwrap_or_default();
    let mut faults = Vec::new();
    signature(tenant, &token, &claims, &mut faults);
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let issuer = tenant.issuer(tenant.domain());
    match text("iss") {
        Some(iss) if tenant.issuer(iss.trim_start_matches("https://").trim_end_matches('/')) == iss => {}
        Some(iss) => faults.push(format!("Its issuer is {iss}; this tenant issues as {issuer}.")),
        None => faults.push("It names no issuer (iss).".into()),
    }
    times(&claims, now, &mut faults);
    let audiences: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    match audience {
        Some(wanted) if !audiences.contains(&wanted) => {
            faults.push(format!("It is meant for {}, not for {wanted}.", audiences.join(" and ")));
        }
        None if !audiences.iter().any(|audience| tenant.snapshot().api(audience).is_some()) => {
            faults.push(format!(
                "It is meant for {:?}, and this tenant has no such API.",
                audiences.join(" and ")
            ));
        }
        _ => {}
    }
    if tenant.snapshot().revocations.refuse(&token, &claims) {
        faults.push("It was revoked.".into());
    }
    Report { header: token.header().clone(), claims, faults, now }
}

fn signature(tenant: &Tenant, token: &Token<'_>, claims: &Map<String, Value>, faults: &mut Vec<String>) {
    let snapshot = tenant.snapshot();
    let audience = claims.get("aud").and_then(Value::as_str).and_then(|audience| snapshot.api(audience));
    let fault = match (token.alg(), token.kid()) {
        (None, _) => {
            format!("Its algorithm is {}, which nothing here accepts.", print::plain(&token.header()["alg"]))
        }
        (Some(jose::Algorithm::HS256), _) => {
            match audience.and_then(|api| api.hmac.as_ref()).map(|signer| signer.verifying_key()) {
                Some(Ok(key)) if token.verify(&key).is_ok() => return,
                Some(_) => "Its signature does not match the API's signing secret.".into(),
                None => "It is signed with HS256, and its audience is no HS256 API of this tenant.".into(),
            }
        }
        (Some(_), None) => "It does not say which key signed it (kid).".into(),
        (Some(algorithm), Some(kid)) => match snapshot.keys.verifying_key(kid, algorithm) {
            None => format!("It is signed with key {kid}, which this tenant does not have, or has revoked."),
            Some(key) if token.verify(&key).is_ok() => return,
            Some(_) => "Its signature is wrong: it was changed, or another key made it.".into(),
        },
    };
    faults.push(fault);
}

fn times(claims: &Map<String, Value>, now: i64, faults: &mut Vec<String>) {
    match claims.get("exp").map(Value::as_i64) {
        Some(Some(exp)) if exp <= now => faults.push(format!("It expired {} ago.", span(now, exp))),
        Some(Some(_)) => {}
        Some(None) => faults.push("Its exp is no whole number of seconds.".into()),
        None => faults.push("It never expires: there is no exp.".into()),
    }
    let starts = claims.get("nbf").or(claims.get("iat")).and_then(Value::as_i64);
    if let Some(starts) = starts.filter(|starts| *starts > now + LEEWAY) {
        faults.push(format!("It is not valid for another {}.", span(now, starts)));
    }
}

/// Seconds by which clocks may differ.
const LEEWAY: i64 = 60;

impl Report {
    pub fn is_valid(&self) -> bool {
        self.faults.is_empty()
    }

    pub fn print(&self, output: Output) {
        let Report { header, claims, faults, now } = self;
        if output.json {
            let valid = self.is_valid();
            let report = json!({ "valid": valid, "faults": faults, "header": header, "claims": claims });
            say!("{report:#}");
            return;
        }
        if !header.is_null() {
            say!("header");
            print::one(output, header);
            say!("\nclaims");
            let told = claims.iter().map(|(name, value)| (name.clone(), told(name, value, *now)));
            print::one(output, &Value::Object(told.collect()));
            say!();
        }
        match faults.as_slice() {
            [] => say!("This token is valid here."),
            faults => {
                say!("This token is not valid here:");
                faults.iter().for_each(|fault| say!("- {fault}"));
            }
        }
    }
}

/// A claim as a person reads it: a time also as date and in words.
fn told(name: &str, value: &Value, now: i64) -> Value {
    let Some(seconds) = value.as_i64() else { return value.clone() };
    let is_past = seconds <= now;
    let span = span(now, seconds);
    let words = match (name, is_past) {
        ("iat", true) => format!("issued {span} ago"),
        ("iat", false) => format!("issued {span} from now"),
        ("exp", true) => format!("expired {span} ago"),
        ("exp", false) => format!("expires in {span}"),
        ("nbf", true) => format!("valid since {span} ago"),
        ("nbf", false) => format!("valid in {span}"),
        (..) => return value.clone(),
    };
    match Timestamp::from_second(seconds) {
        Ok(date) => json!(format!("{seconds}  {date}  {words}")),
        Err(_) => value.clone(),
    }
}

/// The time between two moments, in words, to the nearest.
fn span(one: i64, other: i64) -> String {
    match one.abs_diff(other) {
        1 => "1 second".into(),
        seconds @ 0..120 => format!("{seconds} seconds"),
        seconds @ 120..7_200 => format!("{} minutes", (seconds + 30) / 60),
        seconds @ 7_200..172_800 => format!("{} hours", (seconds + 1_800) / 3_600),
        seconds => format!("{} days", seconds.saturating_add(43_200) / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_631_338;

    #[test]
    fn times_are_told_in_words() {
        let exp = told("exp", &json!(NOW + 86_399), NOW);
        assert_eq!(exp, "1795717737  2026-11-26T18:28:57Z  expires in 24 hours");
        assert_eq!(
            told("iat", &json!(NOW - 1), NOW),
            "1795631337  2026-11-25T18:28:57Z  issued 1 second ago"
        );
        assert_eq!(told("sub", &json!(NOW), NOW), json!(NOW));
        assert_eq!(told("exp", &json!("soon"), NOW), "soon");
    }

    #[test]
    fn absurd_times_are_told_as_they_are() {
        for seconds in [i64::MIN, i64::MAX] {
            assert_eq!(told("exp", &json!(seconds), NOW), json!(seconds));
            let claims = Map::from_iter([("exp".into(), json!(seconds)), ("nbf".into(), json!(seconds))]);
            let mut faults = Vec::new();
            times(&claims, NOW, &mut faults);
            assert_eq!(faults.len(), 1, "{faults:?}");
        }
    }
}
