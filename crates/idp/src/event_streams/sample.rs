//! Things that are made up, so that whoever is told of events can be tried. A person is as Auth0 makes one up (recorded:
//! `TestEventStreamManager_Integration`).

use model::EventType;
use schema::Object;
use serde_json::{Value, json};

/// The data of an event of this kind.
pub(super) fn data(kind: EventType) -> Object {
    let mut object = object(kind);
    if kind.name().ends_with(".deleted") {
        object["deleted_at"] = json!(TIME);
    }
    Object::from_iter([("object".to_owned(), object)])
}

fn object(kind: EventType) -> Value {
    let organization = json!({ "id": "org_1234567890abcdef", "name": "acme" });
    let group = json!({ "id": "grp_1234567890abcdef", "name": "engineers" });
    let role = json!({ "id": "rol_1234567890abcdef", "name": "editor" });
    let connection = json!({ "id": "con_1234567890abcdef", "name": "acme-workforce", "strategy": "oidc" });
    let person = json!({ "user_id": PERSON });
    match kind {
        EventType::UserCreated | EventType::UserUpdated | EventType::UserDeleted => user(),
        EventType::ConnectionCreated | EventType::ConnectionUpdated | EventType::ConnectionDeleted => {
            connection
        }
        EventType::OrganizationCreated | EventType::OrganizationUpdated | EventType::OrganizationDeleted => {
            json!({ "id": organization["id"], "name": organization["name"], "display_name": "Acme" })
        }
        EventType::OrganizationConnectionAdded
        | EventType::OrganizationConnectionRemoved
        | EventType::OrganizationConnectionUpdated => {
            json!({ "organization": organization, "connection": connection })
        }
        EventType::OrganizationMemberAdded | EventType::OrganizationMemberDeleted => {
            json!({ "organization": organization, "user": person })
        }
        EventType::OrganizationMemberRoleAssigned | EventType::OrganizationMemberRoleDeleted => {
            json!({ "organization": organization, "user": person, "role": role })
        }
        EventType::OrganizationGroupRoleAssigned | EventType::OrganizationGroupRoleDeleted => {
            json!({ "organization": organization, "group": group, "role": role })
        }
        EventType::GroupCreated | EventType::GroupUpdated | EventType::GroupDeleted => group,
        EventType::GroupMemberAdded | EventType::GroupMemberDeleted => {
            json!({ "group": group, "member": person })
        }
        EventType::GroupRoleAssigned | EventType::GroupRoleDeleted => json!({ "group": group, "role": role }),
    }
}

fn user() -> Value {
    json!({
        "user_id": PERSON,
        "email": "john.doe@gmail.com",
        "email_verified": false,
        "username": "johndoe",
        "phone_number": "+15555555555",
        "phone_verified": false,
        "created_at": TIME,
        "updated_at": TIME,
        "identities": [{
            "provider": "auth0",
            "isSocial": false,
            "connection": "Username-Password-Authentication",
            "user_id": "507f1f77bcf86cd799439020",
            "profileData": {
                "email": "john.doe@gmail.com",
                "email_verified": false,
                "name": "John Doe",
                "username": "johndoe",
                "given_name": "John",
                "family_name": "Doe",
                "phone_number": "+15555555555",
                "phone_verified": false,
            },
        }],
        "app_metadata": { "plan": "pro" },
        "user_metadata": { "hobby": "skydiving" },
        "picture": "https://secure.gravatar.com/avatar/15626c5e0c749cb912f9d1ad48dba440?s=480&r=pg&d=https%3A%2F%2Fssl.gstatic.com%2Fs2%2Fprofiles%2Fimages%2Fsilhouette80.png",
        "name": "John Doe",
        "nickname": "John Doe",
        "multifactor": ["sample"],
        "last_ip": "10.0.0.1",
        "last_login": TIME,
        "logins_count": 42,
        "blocked": false,
        "given_name": "John",
        "family_name": "Doe",
    })
}

const PERSON: &str = "auth0|507f1f77bcf86cd799439020";
const TIME: &str = "2025-02-01T12:34:56Z";
