//! The mailbox: what was to be sent and has no provider to send it, what waits, and what was given up. People who
//! administer look at it; a link in it is as good as the mail's.

use http::Method;
use idp::{
    clock::iso,
    outbox::{self, Listed},
};
use model::EmailTemplateName;
use serde_json::{Value, json};

use crate::{Answer, Call, Error, Operation, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    let read = &["read:mailbox"];
    let delete = &["delete:mailbox"];
    vec![
        Operation::ours(Method::GET, "/mailbox", "Read the mailbox", read, run!(list)).reading(&["to"]),
        Operation::ours(Method::DELETE, "/mailbox", "Empty the mailbox", delete, run!(clear)),
        Operation::ours(Method::DELETE, "/mailbox/{id}", "Delete a mail", delete, run!(delete_one)),
    ]
}

async fn list(call: Call) -> Result<Answer> {
    let to = call.query("to").map(str::to_lowercase);
    let mails = outbox::list(&call.tenant).await?;
    let is_to = |listed: &&Listed| to.as_ref().is_none_or(|to| listed.letter.to.to_lowercase() == *to);
    let mails: Vec<Value> = mails.iter().filter(is_to).map(shown).collect();
    Ok(Answer::ok(json!({ "mails": mails })))
}

async fn clear(call: Call) -> Result<Answer> {
    call.tenant.store().outbox().clear(call.tenant.name()).await?;
    Ok(Answer::no_content())
}

async fn delete_one(call: Call) -> Result<Answer> {
    match call.tenant.store().outbox().delete(call.tenant.name(), call.parameter("id")).await? {
        true => Ok(Answer::no_content()),
        false => Err(Error::not_found("The mail does not exist.", None)),
    }
}

fn shown(Listed { mail, letter }: &Listed) -> Value {
    json!({
        "id": mail.id, "state": mail.state.name(), "created_at": iso(mail.created * 1000),
        "attempts": mail.attempts, "next_attempt_at": iso(mail.due * 1000), "problem": mail.problem,
        "template": letter.template.map(EmailTemplateName::name), "to": letter.to, "from": letter.from,
        "subject": letter.subject, "html": letter.html, "text": letter.text, "link": letter.link,
        "code": letter.code, "user_id": letter.user_id, "client_id": letter.client_id,
        "connection": letter.connection,
    })
}
