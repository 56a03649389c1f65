//! A public key that a device left in a person's name. Says what one is made of.

use schema::{Key, Resource, Shaped};
use serde::Deserialize;

/// A public key that a device left in a person's name.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("device-credentials"), id("id"), scope("device_credentials"))]
pub struct DeviceCredential {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// What people call the device.
    #[field(min(1), max(255))]
    pub device_name: String,
    /// What kind of credential it is.
    pub r#type: DeviceCredentialType,
    /// The key, in base64.
    #[field(min(1), max(4096))]
    pub value: String,
    /// What the device is known by.
    #[field(min(1), max(255))]
    pub device_id: String,
    /// The person.
    #[field(write(Never), max(255), lookup)]
    pub user_id: String,
    /// The application that the key is used with.
    #[field(min(1), max(255))]
    pub client_id: Option<String>,
}

impl DeviceCredential {
    /// What no two share: person, application and device.
    pub fn uniqueness(&self) -> Vec<Key> {
        let client_id = self.client_id.as_deref().unwrap_or_default();
        vec![Key::unique("device", format!("{}\n{client_id}\n{}", self.user_id, self.device_id))]
    }
}

/// A kind of credential that a device may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum DeviceCredentialType {
    PublicKey,
}
