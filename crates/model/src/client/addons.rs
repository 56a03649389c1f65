//! The settings of ready-made integrations. They are kept as given; no code reads them.

use schema::Shaped;
use serde::Deserialize;
use serde_json::Value;

/// Settings of ready-made integrations, each under its name.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct Addons {
    /// Amazon Web Services.
    pub aws: Option<Value>,
    /// Azure Blob Storage.
    pub azure_blob: Option<Value>,
    /// Azure Service Bus.
    pub azure_sb: Option<Value>,
    /// Azure Rights Management.
    pub rms: Option<Value>,
    /// Dynamics CRM.
    pub mscrm: Option<Value>,
    /// Slack.
    pub slack: Option<Value>,
    /// Sentry.
    pub sentry: Option<Value>,
    /// Box.
    pub r#box: Option<Value>,
    /// CloudBees.
    pub cloudbees: Option<Value>,
    /// Concur.
    pub concur: Option<Value>,
    /// Dropbox.
    pub dropbox: Option<Value>,
    /// Adobe Sign.
    pub echosign: Option<Value>,
    /// Egnyte.
    pub egnyte: Option<Value>,
    /// Firebase.
    pub firebase: Option<Value>,
    /// New Relic.
    pub newrelic: Option<Value>,
    /// Office 365.
    pub office365: Option<Value>,
    /// Salesforce.
    pub salesforce: Option<Value>,
    /// The Salesforce API.
    pub salesforce_api: Option<Value>,
    /// The API of a Salesforce sandbox.
    pub salesforce_sandbox_api: Option<Value>,
    /// A SAML service provider.
    pub samlp: Option<Value>,
    /// Layer.
    pub layer: Option<Value>,
    /// SAP OData.
    pub sap_api: Option<Value>,
    /// SharePoint.
    pub sharepoint: Option<Value>,
    /// SpringCM.
    pub springcm: Option<Value>,
    /// Azure Mobile Services.
    pub wams: Option<Value>,
    /// WS-Federation.
    pub wsfed: Option<Value>,
    /// Zendesk.
    pub zendesk: Option<Value>,
    /// Zoom.
    pub zoom: Option<Value>,
    /// An entry of the single sign-on catalogue.
    pub sso_integration: Option<Value>,
    /// Okta Access Gateway.
    pub oag: Option<Value>,
}
