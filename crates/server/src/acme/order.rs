//! One order at a directory: an account, the proof that the name leads here, a key and a certificate for it. Nothing that
//! the directory says is believed before it was held against what was asked for.

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use idp::{Change, Tenant};
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, Error, ExternalAccountKey, Identifier, NewAccount,
    NewOrder, Order, OrderStatus, RetryPolicy,
};
use model::{AcmeAccount, Secret};
use schema::{Object, Resource as _};
use serde_json::json;
use web::NamedCertificate;

use super::{Acme, directory::Directory, record::Record};

/// What a directory gave.
pub struct Issued {
    pub chain: String,
    pub private_key: Secret,
    pub not_after: i64,
}

/// Orders a certificate for the name of this record. What a directory asks to wait before the next try, in seconds, goes to
/// `asked_to_wait`.
pub async fn order(
    acme: &Acme,
    builtin: &Tenant,
    record: &mut Record,
    asked_to_wait: &mut i64,
) -> Result<Issued> {
    let directory = Directory::new(&acme.0.settings)?;
    let obtained = obtain(acme, builtin, record, &directory).await;
    *asked_to_wait = directory.asked_to_wait();
    let (chain, private_key) = match obtained {
        Err(error) if is_unknown(&error) => {
            // The next try begins with a new account.
            let forget = Change::delete::<AcmeAccount>(acme.0.settings.account_id());
            builtin.commit(vec![forget]).await?;
            return Err(error);
        }
        obtained => obtained?,
    };
    let name = &record.view.name;
    let read = NamedCertificate::from_pem(name, &chain, private_key.expose());
    let NamedCertificate { not_before, not_after, .. } = read.context("what the directory gave")?;
    let now = builtin.clock().now();
    ensure!(now < not_after, "the certificate that the directory gave has run out");
    ensure!(not_before < not_after, "the certificate that the directory gave is never good");
    Ok(Issued { chain, private_key, not_after })
}

async fn obtain(
    acme: &Acme,
    builtin: &Tenant,
    record: &mut Record,
    directory: &Directory,
) -> Result<(String, Secret)> {
    let account = account(acme, builtin, directory).await?;
    let names = [Identifier::Dns(record.view.name.clone())];
    let mut order = account.new_order(&NewOrder::new(&names)).await.context("the order was refused")?;
    let asked = order.state().authorizations.len();
    ensure!(asked == 1, "the directory wants {asked} proofs for one name");
    prove(acme, builtin, record, &mut order).await?;
    match order.poll_ready(&POLL).await {
        Ok(OrderStatus::Ready | OrderStatus::Valid) => {}
        outcome => {
            let reason = refusal(&mut order).await;
            let outcome = outcome.map_or_else(|error| error.to_string(), |status| format!("{status:?}"));
            bail!("the name was not proven: {}", reason.unwrap_or(outcome));
        }
    }
    let private_key = order.finalize().await.context("the request for the certificate was refused")?;
    let chain = order.poll_certificate(&POLL).await.context("the certificate was not made")?;
    Ok((chain, private_key.into()))
}

/// Shows the directory that the name leads here.
async fn prove(acme: &Acme, builtin: &Tenant, record: &mut Record, order: &mut Order) -> Result<()> {
    let kind = acme.0.settings.challenge;
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization.context("the proof cannot be read")?;
        match authorization.status {
            AuthorizationStatus::Pending => {}
            // Proven lately.
            AuthorizationStatus::Valid => continue,
            status => bail!("the directory wants no proof: {status:?}"),
        }
        let asked = authorization.challenge(kind.into());
        let mut challenge = asked.with_context(|| format!("the directory does not offer {}", kind.name()))?;
        let is_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        ensure!(
            (1..=LONGEST_TOKEN).contains(&challenge.token.len()) && challenge.token.chars().all(is_token),
            "the directory's token is none"
        );
        let answer = challenge.key_authorization();
        acme.answer(builtin, record, &challenge.token, answer.as_str()).await?;
        challenge.set_ready().await.context("the proof was refused")?;
    }
    Ok(())
}

/// Why the name was not proven, if the directory says so.
async fn refusal(order: &mut Order) -> Option<String> {
    let mut authorizations = order.authorizations();
    let mut authorization = authorizations.next().await?.ok()?;
    let state = authorization.refresh().await.ok()?;
    state.challenges.iter().find_map(|challenge| challenge.error.as_ref()).map(ToString::to_string)
}

/// The account at the directory, which is made when it is first needed.
async fn account(acme: &Acme, builtin: &Tenant, directory: &Directory) -> Result<Account> {
    let settings = &acme.0.settings;
    let contacts: Vec<&str> = settings.contacts.iter().map(String::as_str).collect();
    let builder = Account::builder_with_http(Box::new(directory.clone()));
    let id = settings.account_id();
    if let Some(document) = builtin.read(&AcmeAccount::NOUN, &id).await? {
        let view = AcmeAccount::view(&document.body)?;
        // What does not open is no text of a stranger's, and yet shall not be told.
        let credentials: AccountCredentials = serde_json::from_str(view.account_key.expose())
            .map_err(|_| anyhow!("the account cannot be read"))?;
        let account = builder.from_credentials(credentials).await.context("the directory")?;
        if view.contacts != settings.contacts {
            account.update_contacts(&contacts).await.context("the contacts were refused")?;
            let mut body = document.body.clone();
            body.insert("contacts".into(), json!(settings.contacts));
            builtin.commit(vec![Change::replace::<AcmeAccount>(&document, body)]).await?;
        }
        return Ok(account);
    }
    // Settings are of somebody who has agreed.
    let wanted =
        NewAccount { contact: &contacts, terms_of_service_agreed: true, only_return_existing: false };
    let binding = settings.binding.as_ref().map(|(id, key)| ExternalAccountKey::new(id.clone(), key));
    let made = builder.create(&wanted, settings.directory.clone(), binding.as_ref()).await;
    let (account, credentials) = made.context("no account was made at the directory")?;
    let body: Object = Object::from_iter([
        ("id".to_owned(), json!(id)),
        ("directory".to_owned(), json!(settings.directory)),
        ("contacts".to_owned(), json!(settings.contacts)),
        ("account_key".to_owned(), json!(serde_json::to_string(&credentials)?)),
    ]);
    match builtin.commit(vec![Change::create::<AcmeAccount>(id, body)]).await {
        // Another node made one a moment ago; this one serves for once.
        Ok(()) | Err(idp::Error::Taken { .. } | idp::Error::Conflict) => Ok(account),
        Err(error) => Err(error.into()),
    }
}

/// Whether the directory knows nothing of the account any more.
fn is_unknown(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| match cause.downcast_ref::<Error>() {
        Some(Error::Api(problem)) => problem.r#type.as_deref() == Some(UNKNOWN_ACCOUNT),
        _ => false,
    })
}

const UNKNOWN_ACCOUNT: &str = "urn:ietf:params:acme:error:accountDoesNotExist";
/// In characters; RFC 8555 asks for 128 bits of them.
const LONGEST_TOKEN: usize = 256;
/// How often a directory is asked whether it has come to an end, and for how long.
const POLL: RetryPolicy = RetryPolicy::new()
    .initial_delay(std::time::Duration::from_millis(500))
    .backoff(1.5)
    .timeout(std::time::Duration::from_secs(90));
