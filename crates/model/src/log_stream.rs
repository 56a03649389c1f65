//! Log streams: where a tenant's log events are sent as they happen, which of them, and what of them is veiled.

use schema::{Declared, Resource, Shaped};
use serde::Deserialize;

use crate::{LogCategory, Secret};

/// Somewhere that log events are sent to.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("log-streams"), id("id"), scope("log_streams"))]
pub struct LogStream {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// What it is called.
    #[field(min(1), max(255))]
    pub name: Option<Declared<String>>,
    /// What kind of service the events are sent to.
    #[serde(rename = "type")]
    #[field(write(OnCreate))]
    pub kind: LogStreamType,
    /// Whether events are sent now.
    #[field(write(OnUpdate), default(|| json!("active")))]
    pub status: LogStreamStatus,
    /// Where the service is, and what lets this server in there.
    pub sink: LogStreamSink,
    /// The categories of events that are sent; all, if there are none.
    #[field(max(100))]
    pub filters: Option<Vec<LogStreamFilter>>,
    /// Whether it carries events about security and no others.
    #[serde(rename = "isPriority")]
    #[field(default(|| json!(false)))]
    pub is_priority: bool,
    /// What of people is not sent as it is.
    #[field(nullable)]
    pub pii_config: Option<LogStreamPii>,
    /// The time of the first event that is sent.
    #[serde(rename = "startFrom")]
    #[field(write(OnCreate), format(DateTime), hidden)]
    pub start_from: Option<Declared<String>>,
}

/// What kind of service events are sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "lowercase")]
pub enum LogStreamType {
    Http,
    Eventbridge,
    Eventgrid,
    Datadog,
    Splunk,
    Sumo,
    Segment,
    Mixpanel,
}

impl LogStreamType {
    /// The members that its sink must have, by their names on the wire.
    pub fn required(self) -> &'static [&'static str] {
        match self {
            LogStreamType::Http => &["httpEndpoint"],
            LogStreamType::Eventbridge => &["awsAccountId", "awsRegion"],
            LogStreamType::Eventgrid => &["azureSubscriptionId", "azureRegion", "azureResourceGroup"],
            LogStreamType::Datadog => &["datadogApiKey", "datadogRegion"],
            LogStreamType::Splunk => &["splunkDomain", "splunkPort", "splunkToken", "splunkSecure"],
            LogStreamType::Sumo => &["sumoSourceAddress"],
            LogStreamType::Segment => &["segmentWriteKey"],
            LogStreamType::Mixpanel => &[
                "mixpanelRegion",
                "mixpanelProjectId",
                "mixpanelServiceAccountUsername",
                "mixpanelServiceAccountPassword",
            ],
        }
    }

    /// Those that it may have beside.
    pub fn optional(self) -> &'static [&'static str] {
        match self {
            LogStreamType::Http => {
                &["httpContentType", "httpContentFormat", "httpAuthorization", "httpCustomHeaders"]
            }
            LogStreamType::Eventbridge
            | LogStreamType::Eventgrid
            | LogStreamType::Datadog
            | LogStreamType::Splunk
            | LogStreamType::Sumo
            | LogStreamType::Segment
            | LogStreamType::Mixpanel => &[],
        }
    }

    /// Whether where it leads is settled once it is made.
    pub fn is_settled(self) -> bool {
        matches!(self, LogStreamType::Eventbridge | LogStreamType::Eventgrid)
    }
}

/// Whether a stream sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "lowercase")]
pub enum LogStreamStatus {
    Active,
    /// Somebody halted it.
    Paused,
    /// It failed for too long.
    Suspended,
}

impl LogStreamStatus {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            LogStreamStatus::Active => "active",
            LogStreamStatus::Paused => "paused",
            LogStreamStatus::Suspended => "suspended",
        }
    }
}

/// Where a service is, and what lets a server in there; each kind takes some of these.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
#[serde(default)]
pub struct LogStreamSink {
    /// The address that events are posted to.
    #[serde(rename = "httpEndpoint")]
    #[field(min(1), max(2_048))]
    pub http_endpoint: Option<String>,
    /// The media type of what is posted.
    #[serde(rename = "httpContentType")]
    #[field(min(1), max(255))]
    pub http_content_type: Option<String>,
    /// How events are put together.
    #[serde(rename = "httpContentFormat")]
    pub http_content_format: Option<HttpContentFormat>,
    /// What is sent in the header Authorization.
    #[serde(rename = "httpAuthorization")]
    #[field(max(8_192), secret("read:log_streams"))]
    pub http_authorization: Option<Secret>,
    /// Further headers.
    #[serde(rename = "httpCustomHeaders")]
    #[field(max(20))]
    pub http_custom_headers: Option<Vec<HttpCustomHeader>>,
    /// The account at Amazon.
    #[serde(rename = "awsAccountId")]
    #[field(min(12), max(12))]
    pub aws_account_id: Option<String>,
    /// Amazon's region.
    #[serde(rename = "awsRegion")]
    #[field(min(1), max(32))]
    pub aws_region: Option<String>,
    /// What a partner's source of events would be called; events carry it without `aws.partner/`.
    #[serde(rename = "awsPartnerEventSource")]
    #[field(write(Never))]
    pub aws_partner_event_source: Option<String>,
    /// The subscription at Azure.
    #[serde(rename = "azureSubscriptionId")]
    #[field(format(Uuid))]
    pub azure_subscription_id: Option<Declared<String>>,
    /// Azure's region.
    #[serde(rename = "azureRegion")]
    #[field(min(1), max(64))]
    pub azure_region: Option<Declared<String>>,
    /// The resource group at Azure.
    #[serde(rename = "azureResourceGroup")]
    #[field(min(1), max(90))]
    pub azure_resource_group: Option<Declared<String>>,
    /// What a partner's topic would be called there.
    #[serde(rename = "azurePartnerTopic")]
    #[field(write(Never))]
    pub azure_partner_topic: Option<String>,
    /// The key that Datadog gave out.
    #[serde(rename = "datadogApiKey")]
    #[field(min(1), max(1_024), secret("read:log_streams"))]
    pub datadog_api_key: Option<Secret>,
    /// Datadog's region.
    #[serde(rename = "datadogRegion")]
    pub datadog_region: Option<DatadogRegion>,
    /// The host of Splunk.
    #[serde(rename = "splunkDomain")]
    #[field(min(1), max(255))]
    pub splunk_domain: Option<String>,
    /// The port of its event collector.
    #[serde(rename = "splunkPort")]
    #[field(min(1), max(5))]
    pub splunk_port: Option<String>,
    /// The token that Splunk gave out.
    #[serde(rename = "splunkToken")]
    #[field(min(1), max(1_024), secret("read:log_streams"))]
    pub splunk_token: Option<Secret>,
    /// Whether its certificate is checked, which this server always does.
    #[serde(rename = "splunkSecure")]
    pub splunk_secure: Option<Declared<bool>>,
    /// The address of a collector of Sumo Logic; whoever knows it may send.
    #[serde(rename = "sumoSourceAddress")]
    #[field(min(1), max(2_048), secret("read:log_streams"))]
    pub sumo_source_address: Option<Secret>,
    /// The key that Segment gave out.
    #[serde(rename = "segmentWriteKey")]
    #[field(min(1), max(1_024), secret("read:log_streams"))]
    pub segment_write_key: Option<Secret>,
    /// Mixpanel's region.
    #[serde(rename = "mixpanelRegion")]
    pub mixpanel_region: Option<MixpanelRegion>,
    /// The project at Mixpanel.
    #[serde(rename = "mixpanelProjectId")]
    #[field(min(1), max(255))]
    pub mixpanel_project_id: Option<String>,
    /// The service account there.
    #[serde(rename = "mixpanelServiceAccountUsername")]
    #[field(min(1), max(255))]
    pub mixpanel_service_account_username: Option<String>,
    /// Its password.
    #[serde(rename = "mixpanelServiceAccountPassword")]
    #[field(min(1), max(1_024), nullable, secret("read:log_streams"))]
    pub mixpanel_service_account_password: Option<Secret>,
}

/// How events are put together in one post.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Shaped)]
pub enum HttpContentFormat {
    /// One in a line.
    #[default]
    #[serde(rename = "JSONLINES")]
    Lines,
    /// In an array.
    #[serde(rename = "JSONARRAY")]
    Array,
    /// Each in a post of its own.
    #[serde(rename = "JSONOBJECT")]
    Object,
}

/// A header that is sent as well.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct HttpCustomHeader {
    /// Its name.
    #[field(min(1), max(255))]
    pub header: String,
    /// What it says.
    #[field(max(8_192), secret("read:log_streams"))]
    pub value: Secret,
}

/// A region of Datadog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "lowercase")]
pub enum DatadogRegion {
    Us,
    Eu,
    Us3,
    Us5,
}

/// A region of Mixpanel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "lowercase")]
pub enum MixpanelRegion {
    Us,
    Eu,
}

/// Which events are sent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Shaped)]
pub struct LogStreamFilter {
    /// What they are chosen by.
    #[serde(rename = "type")]
    pub kind: LogFilterType,
    /// The category that they are of.
    pub name: LogCategory,
}

/// What events are chosen by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "lowercase")]
pub enum LogFilterType {
    Category,
}

/// What of people is not sent as it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Shaped)]
pub struct LogStreamPii {
    /// What it is.
    #[field(min(1), max(6), unique_items)]
    pub log_fields: Vec<PiiField>,
    /// Whether it is left out, or replaced by a digest.
    #[field(default(|| json!("hash")))]
    pub method: PiiMethod,
    /// How the digest is made.
    #[field(default(|| json!("xxhash")))]
    pub algorithm: PiiAlgorithm,
}

/// What is said of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum PiiField {
    FirstName,
    LastName,
    Username,
    Email,
    Phone,
    Address,
}

impl PiiField {
    /// The names under which log events say it.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            PiiField::FirstName => &["first_name", "given_name", "name"],
            PiiField::LastName => &["last_name", "family_name", "name"],
            PiiField::Username => &["username", "user_name"],
            PiiField::Email => &["email"],
            PiiField::Phone => &["phone", "phone_number", "old_phone_number", "new_phone_number"],
            PiiField::Address => &["address"],
        }
    }
}

/// How something is veiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "lowercase")]
pub enum PiiMethod {
    Mask,
    Hash,
}

/// How a digest is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "lowercase")]
pub enum PiiAlgorithm {
    Xxhash,
}
