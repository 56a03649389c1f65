//! `/api/x`: what Auth0 has no operation for and people who administer need. The manners are the Management
//! API's: the same door, scopes, errors and record.

mod administrators;
mod api;
mod audit;
mod blocks;
mod body;
mod branding;
mod client_secrets;
mod dpop_nonce;
mod emails;
mod explain_token;
mod federated_credentials;
mod history;
mod inspect_token;
mod keys;
mod log_stats;
mod log_stream;
mod log_stream_health;
mod mailbox;
mod me;
mod nodes;
mod password_email;
mod period;
mod quotas;
mod restore;
mod revocations;
mod rules;
mod search;
mod stats;
mod tenants;
mod test_token;
mod token_reuse;
mod try_script;

use crate::Operation;

pub fn operations() -> Vec<Operation> {
    [
        administrators::operations(),
        audit::operations(),
        blocks::operations(),
        branding::operations(),
        emails::operations(),
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
        rules::operations(),
        search::operations(),
        log_stream::operations(),
        log_stream_health::operations(),
        mailbox::operations(),
        me::operations(),
        nodes::operations(),
        password_email::operations(),
        stats::operations(),
        tenants::operations(),
        test_token::operations(),
        token_reuse::operations(),
        try_script::operations(),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    /// The rows of the table of `docs/api-x.md`, without their query.
    fn told() -> Vec<String> {
        let rows = include_str!("../../../docs/api-x.md").lines().filter_map(|line| line.strip_prefix("| `"));
        let named =
            rows.filter_map(|row| row.split(['`', '?']).next()).filter(|row| row.contains(" /api/x/"));
        named.map(str::to_owned).collect()
    }

    #[test]
    fn the_documentation_tells_of_each_operation_and_of_no_other() {
        let mut told = told();
        let served = super::operations().into_iter().map(|one| format!("{} {}", one.method, one.address()));
        let mut served: Vec<String> = served.collect();
        told.sort();
        served.sort();
        assert_eq!(told, served);
    }
}
