//! `POST /oauth/token`

mod actions;
mod audience;
mod authorization_code;
mod authorization_details;
mod client_credentials;
mod client_secrets;
mod dpop;
mod encryption;
mod errors;
mod fapi;
mod federated;
mod forwarded;
mod guessing;
mod hook;
mod hostile;
mod logged;
mod matrix;
mod million;
mod mtls;
mod organization;
mod password;
mod people;
mod policies;
mod private_key_jwt;
mod quotas;
mod refresh_token;
mod rotation;
mod scope;
mod signature;

/// The API that [`testkit::TestTenant::client_of_an_api`] makes.
const API: &str = "https://api.example";
/// What caches are told of a refusal (recorded).
const REFUSED: &str = "private, no-store, no-cache, must-revalidate, post-check=0, pre-check=0, no-transform";

fn percent(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
