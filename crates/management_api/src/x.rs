//! `/api/x`: what Auth0 has no operation for and people who administer need. The manners are the Management
//! API's: the same door, scopes, errors and record.

mod administrators;
mod api;
mod blocks;
mod body;
mod client_secrets;
mod dpop_nonce;
mod explain_token;
mod federated_credentials;
mod history;
mod inspect_token;
mod keys;
mod log_stats;
mod log_stream;
mod me;
mod period;
mod quotas;
mod restore;
mod revocations;
mod search;
mod stats;
mod tenants;
mod test_token;
mod token_reuse;

use crate::Operation;

pub fn operations() -> Vec<Operation> {
    [
        administrators::operations(),
        blocks::operations(),
        quotas::operations(),
        dpop_nonce::operations(),
        client_secrets::operations(),
        inspect_token::operations(),
        federated_credentials::operations(),
        explain_token::operations(),
        history::operations(),
        keys::operations(),
        log_stats::operations(),
        restore::operations(),
        revocations::operations(),
        search::operations(),
        log_stream::operations(),
        me::operations(),
        stats::operations(),
        tenants::operations(),
        test_token::operations(),
        token_reuse::operations(),
    ]
    .concat()
}
