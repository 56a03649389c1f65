//! What is written down of one name: a document of the built-in tenant, whose version keeps two nodes from changing it at
//! once.

use idp::{Change, Document, Result, Tenant};
use model::AcmeCertificate;
use schema::{Object, Resource as _};
use serde_json::{Value, json};

/// The record of a name, as it was read last; there may be none yet.
#[derive(Debug)]
pub struct Record {
    pub view: AcmeCertificate,
    document: Option<Document>,
}

impl Record {
    pub async fn read(builtin: &Tenant, name: &str) -> Result<Record> {
        let document = builtin.read(&AcmeCertificate::NOUN, name).await?;
        let view = match &document {
            Some(document) => AcmeCertificate::view(&document.body),
            None => AcmeCertificate::view(&empty(name)),
        };
        Ok(Record { view: view.map_err(anyhow::Error::from)?, document })
    }

    /// Writes these fields, of which null removes one; [`idp::Error::Conflict`] if another node was faster.
    pub async fn write(&mut self, builtin: &Tenant, changes: Vec<(&str, Value)>) -> Result<()> {
        let name = self.view.name.clone();
        let mut body = self.document.as_ref().map_or_else(|| empty(&name), |read| read.body.clone());
        for (field, value) in changes {
            match value {
                Value::Null => drop(body.remove(field)),
                value => drop(body.insert(field.to_owned(), value)),
            }
        }
        let change = match &self.document {
            Some(read) => Change::replace::<AcmeCertificate>(read, body),
            None => Change::create::<AcmeCertificate>(name.as_str(), body),
        };
        builtin.commit(vec![change]).await?;
        *self = Record::read(builtin, &name).await?;
        Ok(())
    }
}

fn empty(name: &str) -> Object {
    Object::from_iter([("name".to_owned(), json!(name))])
}
