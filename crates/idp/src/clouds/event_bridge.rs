//! Amazon EventBridge: events become entries, which are put on a bus with one signed request (`PutEvents`), and are answered
//! each for itself. A partner's own call, `PutPartnerEvents`, is nobody's but the partner's.

use std::{fmt, time::Duration};

use outbound::{
    Outbound,
    aws::{self, Credentials, Service},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Clouds, EventBridge};
use crate::Clock;

/// One bus, and under which name a stream's events are put on it.
pub(crate) struct Bus {
    service: Service,
    credentials: Credentials,
    arn: String,
    source: String,
}

/// Why an event was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub problem: String,
    /// Whether another try may succeed; if not, it is the event that is at fault.
    pub may_change: bool,
}

/// What became of each entry, in their order.
pub(crate) type Outcome = Vec<Result<(), Refusal>>;

impl Bus {
    /// The bus in an account and a region; or why there is none. The source is named as a partner's would be, but for the
    /// beginning, which AWS keeps for partners.
    pub fn of(clouds: &Clouds, account: &str, region: &str, partner_source: &str) -> Result<Bus, String> {
        let EventBridge { credentials, accounts, bus, endpoint } = clouds.event_bridge()?;
        check_account(account)?;
        if !accounts.is_empty() && !accounts.iter().any(|allowed| allowed == account) {
            return Err(
                "this server sends nothing to that account: eventbridge_accounts does not name it".into()
            );
        }
        let service = Service::new("events", region)?;
        let service = match endpoint {
            None => service,
            Some(endpoint) => service.at(endpoint).map_err(|error| error.to_string())?,
        };
        let partition = service.partition();
        Ok(Bus {
            arn: format!("arn:{partition}:events:{region}:{account}:event-bus/{bus}"),
            service,
            credentials: credentials.clone(),
            source: partner_source.strip_prefix("aws.partner/").unwrap_or(partner_source).to_owned(),
        })
    }

    fn url(&self) -> &str {
        self.service.url()
    }

    /// An event as an entry.
    pub fn entry(&self, detail_type: &str, mut detail: Value) -> Value {
        round(&mut detail);
        json!({ "EventBusName": self.arn, "Source": self.source, "DetailType": detail_type,
            "Detail": detail.to_string() })
    }

    /// Puts entries on the bus, within a time.
    pub async fn put(
        &self,
        outbound: &Outbound,
        entries: &[&str],
        within: Duration,
    ) -> Result<Outcome, Refusal> {
        let body = format!("{{\"Entries\":[{}]}}", entries.join(","));
        // AWS compares with its own clock, whatever a tenant's says.
        let now = Clock::System.system_time();
        let headers = self.service.signed("AWSEvents.PutEvents", &body, &self.credentials, now);
        let headers = headers.map_err(|error| self.unreached(&error))?;
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = outbound.post_within(self.url(), &headers, aws::MEDIA, body, within).await;
        match answer.map_err(|error| self.unreached(&error))? {
            (200, answer) => outcome(&answer, entries.len()).ok_or_else(|| passing(ODD)),
            (status, answer) => Err(refused(status, &answer)),
        }
    }

    /// How it is reached is the operator's affair: tenants are not told more, as certificates name hosts.
    fn unreached(&self, error: &dyn fmt::Display) -> Refusal {
        tracing::debug!(%error, url = self.url(), "EventBridge cannot be reached");
        passing("EventBridge cannot be reached")
    }
}

/// Numbers as EventBridge takes them: whole ones of 64 bits with a sign. A greater one, which anybody may have sent, would
/// hold up everything behind it.
fn round(value: &mut Value) {
    match value {
        Value::Number(number) if number.as_u64().is_some_and(|number| i64::try_from(number).is_err()) => {
            *value = number.to_string().into();
        }
        Value::Array(values) => values.iter_mut().for_each(round),
        Value::Object(members) => members.values_mut().for_each(round),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What an answer says of so many entries; nothing, if it says something else.
fn outcome(answer: &[u8], count: usize) -> Option<Outcome> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        failed_entry_count: usize,
        entries: Vec<Entry>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Entry {
        error_code: Option<String>,
    }
    let answer: Answer = serde_json::from_slice(answer).ok()?;
    let failed = answer.entries.iter().filter(|entry| entry.error_code.is_some()).count();
    if answer.entries.len() != count || failed != answer.failed_entry_count {
        return None;
    }
    let became = |entry: Entry| entry.error_code.map_or(Ok(()), |code| Err(not_taken(&code)));
    Some(answer.entries.into_iter().map(became).collect())
}

/// Why one entry was not taken. Only names that AWS documents are told.
fn not_taken(code: &str) -> Refusal {
    let known = CODES.iter().find(|(known, _)| *known == code);
    let (name, may_change) = known.copied().unwrap_or(("an error of another kind", true));
    Refusal { problem: format!("EventBridge did not take an event: {name}"), may_change }
}

/// Why none was.
fn refused(status: u16, answer: &[u8]) -> Refusal {
    let problem = match aws::refusal(answer).as_str() {
        "ThrottlingException" | "InternalException" => format!("EventBridge is busy (status {status})"),
        "AccessDeniedException" => {
            "EventBridge does not let this server in: its access key lacks events:PutEvents on this bus"
                .into()
        }
        "UnrecognizedClientException" | "InvalidSignatureException" | "IncompleteSignatureException" => {
            "EventBridge does not let this server in: its access key is wrong, or the clock of the machine"
                .into()
        }
        "ExpiredTokenException" => {
            "EventBridge does not let this server in: its access key has expired".into()
        }
        "ValidationException" => {
            return Refusal {
                problem: format!("EventBridge finds the events too large, or malformed (status {status})"),
                may_change: false,
            };
        }
        _ => format!("EventBridge answered with status {status}"),
    };
    Refusal { problem, may_change: status != 413 }
}

/// What may be otherwise a moment later.
fn passing(problem: &str) -> Refusal {
    Refusal { problem: problem.to_owned(), may_change: true }
}

/// Whether a text may be an account.
pub fn check_account(text: &str) -> Result<(), String> {
    match text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(()),
        false => Err("Expected twelve digits".into()),
    }
}

/// Whether a text may be a region.
pub fn check_region(text: &str) -> Result<(), String> {
    aws::check_region(text).map_err(|_| "Expected a region such as eu-central-1".into())
}

/// What is said of single entries, and whether another try may succeed.
const CODES: [(&str, bool); 9] = [
    ("ThrottlingException", true),
    ("InternalFailure", true),
    ("InternalException", true),
    ("AccessDeniedException", true),
    ("NotAuthorizedForSourceException", true),
    ("InvalidAccountIdException", true),
    ("ResourceNotFoundException", true),
    ("InvalidArgument", false),
    ("MalformedDetail", false),
];
const ODD: &str = "EventBridge answered with something that it does not say";

#[cfg(test)]
mod tests {
    use super::*;

    fn clouds() -> Clouds {
        let credentials = Credentials {
            access_key_id: "AKIDEXAMPLE".into(),
            secret_access_key: "secret".to_owned().into(),
            session_token: None,
        };
        let event_bridge =
            EventBridge { credentials, accounts: Vec::new(), bus: "auth".into(), endpoint: None };
        Clouds { event_bridge: Some(event_bridge), event_grid: None }
    }

    #[test]
    fn a_bus_is_that_of_the_account_and_the_region() {
        for (region, url, arn) in [
            ("eu-central-1", "https://events.eu-central-1.amazonaws.com/", "arn:aws:"),
            ("us-gov-west-1", "https://events.us-gov-west-1.amazonaws.com/", "arn:aws-us-gov:"),
            ("cn-north-1", "https://events.cn-north-1.amazonaws.com.cn/", "arn:aws-cn:"),
        ] {
            let source = "aws.partner/auth0.com/shop-1/auth0.logs";
            let bus = Bus::of(&clouds(), "123456789012", region, source).unwrap();
            assert_eq!((bus.url(), bus.source.as_str()), (url, "auth0.com/shop-1/auth0.logs"));
            assert_eq!(bus.arn, format!("{arn}events:{region}:123456789012:event-bus/auth"));
        }
        for (account, region) in [
            ("12345678901", "eu-west-1"),
            ("12345678901a", "eu-west-1"),
            ("123456789012", "x.example/"),
            ("", ""),
        ] {
            assert!(Bus::of(&clouds(), account, region, "x").is_err(), "{account} {region}");
        }
        let Err(problem) = Bus::of(&Clouds::default(), "123456789012", "eu-west-1", "x") else {
            panic!("nobody lets it in")
        };
        assert!(problem.contains("eventbridge_access_key_id"), "{problem}");
    }

    #[test]
    fn a_number_that_is_too_great_becomes_a_text() {
        let bus = Bus::of(&clouds(), "123456789012", "eu-west-1", "x").unwrap();
        let detail =
            json!({ "a": [u64::MAX, i64::MAX, i64::MIN, 1.5], "b": { "c": 9_223_372_036_854_775_808_u64 } });
        let entry = bus.entry("x", detail);
        let detail: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
        let expected = json!({ "a": ["18446744073709551615", i64::MAX, i64::MIN, 1.5],
            "b": { "c": "9223372036854775808" } });
        assert_eq!(detail, expected);
    }

    #[test]
    fn an_answer_speaks_of_every_entry_or_of_none() {
        let read = |answer: Value, count| outcome(answer.to_string().as_bytes(), count);
        let taken = json!({ "EventId": "1" });
        let code = |code: &str| json!({ "ErrorCode": code, "ErrorMessage": "with a secret" });
        let answer =
            json!({ "FailedEntryCount": 2, "Entries": [taken, code("ThrottlingException"), code("<x>")] });
        let became = read(answer, 3).unwrap();
        assert_eq!(became[0], Ok(()));
        let problems: Vec<&Refusal> = became[1..].iter().map(|one| one.as_ref().unwrap_err()).collect();
        assert!(problems[0].problem.ends_with(": ThrottlingException") && problems[0].may_change);
        assert!(problems[1].problem.ends_with("another kind") && problems[1].may_change);
        let answer = json!({ "FailedEntryCount": 1, "Entries": [code("MalformedDetail")] });
        assert!(!read(answer, 1).unwrap()[0].as_ref().unwrap_err().may_change);
        for odd in [
            json!({}),
            json!([]),
            json!({ "FailedEntryCount": 0, "Entries": [] }),
            json!({ "FailedEntryCount": 0, "Entries": [taken, taken] }),
            json!({ "FailedEntryCount": 1, "Entries": [taken] }),
            json!({ "FailedEntryCount": 0, "Entries": [code("x")] }),
            json!({ "FailedEntryCount": "0", "Entries": [taken] }),
        ] {
            assert_eq!(read(odd.clone(), 1), None, "{odd}");
        }
    }
}
