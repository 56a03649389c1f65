//! Amazon EventBridge, as far as it is asked for `PutEvents`: it computes the signature for itself, by the letter of AWS's
//! documentation of Signature Version 4, and takes no more than is documented.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use hmac::{Hmac, KeyInit, Mac};
use outbound::scratch::{Asked, Reply};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY-secret";
pub const ACCOUNT: &str = "123456789012";
pub const REGION: &str = "eu-central-1";

/// An entry, its detail read.
#[derive(Debug, Clone)]
pub struct Entry {
    pub bus: String,
    pub source: String,
    pub kind: String,
    pub detail: Value,
    bytes: usize,
}

/// The entries of a request.
pub fn entries(asked: &Asked) -> Vec<Entry> {
    let body: Value = serde_json::from_str(asked.body.as_deref().unwrap_or_default()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let read = |entry: &Value| {
        let [bus, source, kind, detail] =
            ["EventBusName", "Source", "DetailType", "Detail"].map(|name| text(&entry[name]));
        let bytes = source.len() + kind.len() + detail.len();
        Entry { bus, source, kind, detail: serde_json::from_str(&detail).unwrap(), bytes }
    };
    body["Entries"].as_array().unwrap().iter().map(read).collect()
}

/// EventBridge, which takes what is signed right and within the limits, but for entries that it is told to refuse.
pub fn event_bridge(
    judge: impl Fn(&Entry) -> Option<&'static str> + Send + Sync + 'static,
) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    move |asked| {
        if !is_signed(asked) {
            return refusal(403, "InvalidSignatureException");
        }
        let head = asked.head.to_ascii_lowercase();
        let is_asked = head.contains("x-amz-target: awsevents.putevents\r\n")
            && head.contains("content-type: application/x-amz-json-1.1\r\n");
        let entries = entries(asked);
        let bytes: usize = entries.iter().map(|entry| entry.bytes).sum();
        if !is_asked || !(1..=10).contains(&entries.len()) || bytes > 256 * 1024 {
            return refusal(400, "ValidationException");
        }
        let became = |entry: &Entry| match judge(entry) {
            None if entry.source.starts_with("aws.") => Some("NotAuthorizedForSourceException"),
            code => code,
        };
        let codes: Vec<Option<&str>> = entries.iter().map(became).collect();
        let answers: Vec<Value> = codes
            .iter()
            .map(|code| match code {
                None => json!({ "EventId": "11710aed-b79e-4468-a20b-bb3c0c3b4860" }),
                Some(code) => json!({ "ErrorCode": code, "ErrorMessage": format!("not with {SECRET}") }),
            })
            .collect();
        let failed = codes.iter().flatten().count();
        Reply::json(json!({ "FailedEntryCount": failed, "Entries": answers }).to_string())
    }
}

/// What was taken, the first first.
type Taken = Arc<Mutex<Vec<Entry>>>;

/// What is taken, where it can be looked at, and the judge that keeps it.
pub fn keeping(
    judge: impl Fn(&Entry) -> Option<&'static str> + Send + Sync + 'static,
) -> (impl Fn(&Entry) -> Option<&'static str> + Send + Sync + 'static, Taken) {
    let taken = Arc::new(Mutex::new(Vec::new()));
    let kept = taken.clone();
    let judge = move |entry: &Entry| {
        let code = judge(entry);
        if code.is_none() {
            kept.lock().unwrap().push(entry.clone());
        }
        code
    };
    (judge, taken)
}

pub fn refusal(status: u16, kind: &str) -> Reply {
    let body = json!({ "__type": kind, "message": format!("not with {SECRET}") }).to_string();
    Reply { status, ..Reply::json(body) }
}

/// Whether a request is signed with the secret, for this service and region.
fn is_signed(asked: &Asked) -> bool {
    let lines = asked.head.lines().skip(1).filter_map(|line| line.split_once(':'));
    let headers: BTreeMap<String, &str> =
        lines.map(|(name, value)| (name.to_ascii_lowercase(), value.trim())).collect();
    let (Some(authorization), Some(date)) = (headers.get("authorization"), headers.get("x-amz-date")) else {
        return false;
    };
    let day = &date[..8];
    let scope = format!("{day}/{REGION}/events/aws4_request");
    let begin = format!("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, SignedHeaders=");
    let Some((names, signature)) =
        authorization.strip_prefix(&begin).and_then(|rest| rest.split_once(", Signature="))
    else {
        return false;
    };
    let names: Vec<&str> = names.split(';').collect();
    if !["content-type", "host", "x-amz-date", "x-amz-target"].iter().all(|name| names.contains(name)) {
        return false;
    }
    let signed: String = names.iter().map(|name| format!("{name}:{}\n", headers[*name])).collect();
    let body = hex(&Sha256::digest(asked.body.as_deref().unwrap_or_default()));
    let request = format!("POST\n{}\n\n{signed}\n{}\n{body}", asked.path, names.join(";"));
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(request)));
    let key = [day, REGION, "events", "aws4_request"]
        .iter()
        .fold(format!("AWS4{SECRET}").into_bytes(), |key, part| mac(&key, part));
    hex(&mac(&key, &text)) == signature
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
