//! The identifiers and secrets that the server makes; their forms are Auth0's (recorded).

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const SECRET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const ULID: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const HEX: &[u8] = b"0123456789abcdef";

/// The identifier of a client of the tenant's own.
pub fn client() -> String {
    jose::random_text(32, LETTERS)
}

/// The identifier of a third-party client in strict mode.
pub fn third_party_client() -> String {
    prefixed("tpc_", 22, BASE58)
}

/// A client secret: 64 characters of six random bits each.
pub fn client_secret() -> String {
    jose::random_text(64, SECRET)
}

pub fn client_grant() -> String {
    prefixed("cgr_", 16, LETTERS)
}

pub fn client_credential() -> String {
    prefixed("cred_", 22, BASE58)
}

pub fn federated_credential() -> String {
    prefixed("fed_", 22, BASE58)
}

pub fn named_secret() -> String {
    prefixed("sec_", 22, BASE58)
}

/// The identifier of a connection.
pub fn connection() -> String {
    prefixed("con_", 16, LETTERS)
}

pub fn organization() -> String {
    prefixed("org_", 16, LETTERS)
}

/// The identifier of a log stream.
pub fn log_stream() -> String {
    prefixed("lst_", 16, b"0123456789")
}

/// The identifier of an event stream.
pub fn event_stream() -> String {
    prefixed("est_", 22, BASE58)
}

/// Whether a text has the form of one.
pub fn is_event_stream(text: &str) -> bool {
    let rest = text.strip_prefix("est_").unwrap_or_default().as_bytes();
    rest.len() == 22 && rest.iter().all(|letter| BASE58.contains(letter))
}

/// The identifier of an event.
pub fn event() -> String {
    prefixed("evt_", 22, BASE58)
}

/// The identifier of a role.
pub fn role() -> String {
    prefixed("rol_", 16, LETTERS)
}

/// The identifier of what somebody has consented to.
pub fn grant() -> String {
    jose::random_text(24, HEX)
}

/// The identifier of a rate-limit policy.
pub fn rate_limit_policy() -> String {
    prefixed("rlp_", 21, BASE58)
}

/// The identifier of a network ACL.
pub fn network_acl() -> String {
    prefixed("acl_", 22, BASE58)
}

/// The identifier of a theme.
pub fn theme() -> String {
    jose::random_text(32, LETTERS)
}

pub fn phone_provider() -> String {
    prefixed("pro_", 22, BASE58)
}

pub fn phone_template() -> String {
    prefixed("tem_", 22, BASE58)
}

pub fn token_exchange_profile() -> String {
    prefixed("tep_", 16, LETTERS)
}

/// The identifier of a rule.
pub fn rule() -> String {
    prefixed("rul_", 16, LETTERS)
}

/// The identifier of one run of the actions at a trigger.
pub fn execution() -> String {
    jose::random_text(32, LETTERS)
}

/// The identifier of a hook, a ULID: the time in ten characters, then 16 by chance.
pub fn hook(now_ms: i64) -> String {
    let time = (0..10).rev().map(|place| ULID[((now_ms >> (5 * place)) & 31) as usize] as char);
    time.chain(jose::random_text(16, ULID).chars()).collect()
}

/// The identifier of an API: 24 hexadecimal digits.
pub fn resource_server() -> String {
    jose::random_text(24, HEX)
}

/// The signing secret of an HS256 API that brings none.
pub fn signing_secret() -> String {
    jose::random_text(32, LETTERS)
}

/// The identifier of a signing key.
pub fn signing_key() -> String {
    jose::random_text(21, SECRET)
}

/// The name of an account in a database of ours; its identity puts `auth0|` before it.
pub fn account() -> String {
    jose::random_text(24, HEX)
}

/// The identifier of a session, a token's `sid`.
pub fn session() -> String {
    jose::random_text(32, SECRET)
}

/// The identifier of the refresh tokens of one login.
pub fn family() -> String {
    jose::random_text(32, LETTERS)
}

/// The identifier of a key that a device left.
pub fn device_credential() -> String {
    prefixed("dcr_", 16, LETTERS)
}

/// The identifier of a revocation.
pub fn revocation() -> String {
    prefixed("rev_", 22, BASE58)
}

/// A token's `jti`.
pub fn token() -> String {
    jose::random_text(22, LETTERS)
}

pub fn uuid() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// The identifier of a mail in the outbox.
pub fn mail() -> String {
    prefixed("mail_", 22, BASE58)
}

/// The identifier of a job.
pub fn job() -> String {
    prefixed("job_", 16, LETTERS)
}

fn prefixed(prefix: &str, len: usize, alphabet: &[u8]) -> String {
    format!("{prefix}{}", jose::random_text(len, alphabet))
}
