use std::collections::BTreeSet;

use schema::{Field, Format, Noun, Object, Op, Resource, Shape, check, complete, each_secret, keys, merge};
use serde_json::{Value, json};

use super::*;

fn object(value: Value) -> Object {
    value.as_object().cloned().expect("an object literal")
}

fn completed<T: Resource>(body: Value) -> Object {
    let mut document = object(body);
    complete(T::NOUN.fields, &mut document);
    document
}

#[test]
fn no_object_declares_a_name_twice_or_without_words() {
    fn walk(shape: Shape, path: &str) {
        match shape {
            Shape::Object(fields) => {
                let names: BTreeSet<_> = fields.iter().map(|field| field.name).collect();
                assert_eq!(names.len(), fields.len(), "{path}");
                for field in fields {
                    assert!(!field.doc.is_empty() && !field.doc.ends_with('.'), "{path}.{}", field.name);
                    walk(field.shape, &format!("{path}.{}", field.name));
                }
            }
            Shape::List(inner) | Shape::Map(inner) => walk(*inner, path),
            Shape::OneOf { arms, .. } => {
                arms.iter().for_each(|(name, fields)| walk(Shape::Object(fields), &format!("{path}.{name}")))
            }
            Shape::Text | Shape::Integer | Shape::Number | Shape::Boolean | Shape::Any | Shape::Choice(_) => {
            }
        }
    }
    for noun in NOUNS {
        walk(Shape::Object(noun.fields), noun.path);
        assert!(noun.field(noun.id).is_some(), "{} has no {}", noun.path, noun.id);
    }
}

#[test]
fn every_noun_is_listed_once() {
    fn declared(folder: &std::path::Path) -> usize {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let of = |path: std::path::PathBuf| match path.is_dir() {
            true => declared(&path),
            false => std::fs::read_to_string(path).unwrap().matches("Resource)]\n#[resource(").count(),
        };
        entries.map(of).sum()
    }
    let declared = declared(concat!(env!("CARGO_MANIFEST_DIR"), "/src").as_ref());
    let paths: BTreeSet<_> = NOUNS.iter().map(|noun| noun.path).collect();
    assert_eq!((paths.len(), NOUNS.len()), (declared, declared));
    let sealed: Vec<_> = NOUNS.iter().filter(|noun| noun.has_secrets()).map(|noun| noun.path).collect();
    let expected = [
        "clients",
        "clients/secrets",
        "resource-servers",
        "keys/signing",
        "keys/encryption",
        "users",
        "connections",
        "passwords",
        "deleted",
        "attack-protection/captcha",
        "actions/actions",
        "actions/versions",
        "actions/modules",
        "actions/module-versions",
        "actions/triggers",
        "hooks",
        "log-streams",
        "event-streams",
        "keys/log-seals",
        "acme/accounts",
        "acme/certificates",
        "branding/phone/providers",
        "emails/provider",
        "rules-configs",
    ];
    assert_eq!(sealed, expected);
}

#[test]
fn no_key_outgrows_the_store() {
    for noun in NOUNS {
        for field in noun.fields.iter().filter(|field| field.lookup) {
            let most = match field.shape {
                Shape::Text => field.max,
                Shape::List(Shape::Text) => field.each_max,
                Shape::Boolean | Shape::Integer | Shape::Number | Shape::Choice(_) => Some(0),
                Shape::Any | Shape::List(_) | Shape::Map(_) | Shape::Object(_) | Shape::OneOf { .. } => None,
            };
            // A key has room for 1,500 bytes. `ClientGrant::uniqueness` joins two of them.
            assert!(most.is_some_and(|most| most <= 600), "{}.{}", noun.path, field.name);
        }
    }
}

#[test]
fn a_tenant_has_a_name_that_a_host_can_have() {
    let record = |name: &str, domains: Value| {
        let record = json!({ "name": name, "domains": domains, "created_at": "2026-01-01T00:00:00.000Z" });
        check(TenantRecord::FIELDS, &object(record), Op::Create)
    };
    for name in ["acme", "a-1", &"a".repeat(63)] {
        record(name, json!([])).unwrap();
    }
    for name in ["", "ab", "-acme", "acme-", "Acme", "ac_me", "ac.me", "acmé", "ac\0me", &"a".repeat(64)] {
        record(name, json!([])).unwrap_err();
    }
    record("acme", json!(["login.acme.example", "acme.internal:8443"])).unwrap();
    for domains in [json!("a"), json!([""]), json!([1]), json!(["a", "a"]), json!(["a".repeat(256)])] {
        record("acme", domains).unwrap_err();
    }
}

#[test]
fn a_client_made_over_the_api_is_completed_and_read() {
    let mut document = completed::<Client>(
        json!({ "custom_login_page_on": false, "description": "Client description", "name": "TestClient" }),
    );
    for (name, value) in [("client_id", "SftKo9ySyHnMPezQUFd0C70GBoNFM21F"), ("client_secret", "s3cret")] {
        document.insert(name.into(), json!(value));
    }
    document.insert("grant_types".into(), json!(["authorization_code", "client_credentials"]));

    let expected = json!({
        "custom_login_page_on": false, "description": "Client description", "name": "TestClient", "global": false,
        "is_token_endpoint_ip_header_trusted": false, "is_first_party": true, "sso_disabled": false,
        "cross_origin_auth": false, "cross_origin_authentication": false, "oidc_conformant": false, "callback_url_template": false,
        "jwt_configuration": { "lifetime_in_seconds": 36000, "secret_encoded": false },
        "client_id": "SftKo9ySyHnMPezQUFd0C70GBoNFM21F", "client_secret": "s3cret",
        "grant_types": ["authorization_code", "client_credentials"]
    });
    assert_eq!(Value::Object(document.clone()), expected);

    let client = Client::view(&document).unwrap();
    assert_eq!(client.client_secret.as_ref().unwrap().expose(), "s3cret");
    assert_eq!(
        client.grant_types.as_deref(),
        Some(&[GrantType::AuthorizationCode, GrantType::ClientCredentials][..])
    );
    assert_eq!(client.token_endpoint_auth_method, None);
    assert!(!format!("{client:?}").contains("s3cret"));
}

#[test]
fn a_client_made_in_the_dashboard_is_read() {
    let document = completed::<Client>(json!({
        "tenant": "t", "global": false, "is_token_endpoint_ip_header_trusted": false, "name": "API Explorer Application",
        "allowed_clients": [], "callbacks": [], "client_metadata": {}, "cross_origin_authentication": false,
        "is_first_party": true, "native_social_login": { "apple": { "enabled": false }, "facebook": { "enabled": false } },
        "oidc_conformant": true,
        "refresh_token": {
            "expiration_type": "non-expiring", "leeway": 0, "infinite_token_lifetime": true,
            "infinite_idle_token_lifetime": true, "token_lifetime": 31557600, "idle_token_lifetime": 2592000,
            "rotation_type": "non-rotating"
        },
        "sso_disabled": false, "cross_origin_auth": false,
        "signing_keys": [{ "cert": "c", "pkcs7": "p", "subject": "deprecated" }],
        "client_id": "f6BF9jccB1kQfWP3pCi2WmOaHe1AHrst", "callback_url_template": false, "client_secret": "s",
        "jwt_configuration": { "alg": "RS256", "lifetime_in_seconds": 36000, "secret_encoded": false },
        "client_aliases": [], "token_endpoint_auth_method": "client_secret_post", "app_type": "non_interactive",
        "grant_types": ["client_credentials"], "custom_login_page_on": true
    }));
    let client = Client::view(&document).unwrap();
    assert_eq!(client.grant_types, Some(vec![GrantType::ClientCredentials]));
    assert_eq!(client.token_endpoint_auth_method, Some(TokenEndpointAuthMethod::ClientSecretPost));
}

#[test]
fn a_client_takes_little_room() {
    assert!(size_of::<Client>() <= 416, "{}", size_of::<Client>());
}

#[test]
fn a_partial_jwt_configuration_gets_no_lifetime() {
    let document = completed::<Client>(json!({ "name": "a", "jwt_configuration": { "alg": "PS256" } }));
    assert_eq!(document["jwt_configuration"], json!({ "alg": "PS256", "secret_encoded": false }));
}

#[test]
fn an_api_is_completed_and_read() {
    let mut document = completed::<ResourceServer>(
        json!({ "name": "a", "identifier": "https://a", "scopes": [{ "value": "test:scope" }] }),
    );
    document.insert("id".into(), json!("613282ad5a606500490b4915"));
    let expected = json!({
        "id": "613282ad5a606500490b4915", "name": "a", "identifier": "https://a", "allow_offline_access": false,
        "skip_consent_for_verifiable_first_party_clients": false,
        "subject_type_authorization": { "client": { "policy": "require_client_grant" }, "user": { "policy": "allow_all" } },
        "token_lifetime": 86400, "token_lifetime_for_web": 7200, "signing_alg": "RS256",
        "scopes": [{ "value": "test:scope" }]
    });
    assert_eq!(Value::Object(document.clone()), expected);
    let api = ResourceServer::view(&document).unwrap();
    assert_eq!((api.token_lifetime, api.signing_alg, api.is_system), (86400, SigningAlgorithm::RS256, false));
}

#[test]
fn a_partial_patch_of_an_api_opens_nothing() {
    let mut document = completed::<ResourceServer>(json!({
        "identifier": "a", "subject_type_authorization": { "client": { "policy": "deny_all" } }
    }));
    assert_eq!(document["subject_type_authorization"]["user"]["policy"], "allow_all");
    let patch = object(json!({ "subject_type_authorization": { "user": { "policy": "deny_all" } } }));
    check(ResourceServer::NOUN.fields, &patch, Op::Update).unwrap();
    merge(ResourceServer::NOUN.fields, &mut document, patch);
    let expected = json!({ "client": { "policy": "deny_all" }, "user": { "policy": "deny_all" } });
    assert_eq!(document["subject_type_authorization"], expected);
}

#[test]
fn grants_are_read() {
    let grant = ClientGrant::view(&completed::<ClientGrant>(json!({
        "id": "cgr_OEaZkTULi4SQkqv0", "client_id": "r2nehQVWws3du9VlSCnuuT6QI8xLdDyR", "audience": "https://api/",
        "scope": [], "organization_usage": "allow", "allow_any_organization": true, "subject_type": "client"
    })))
    .unwrap();
    assert_eq!(grant.organization_usage, Some(OrganizationUsage::Allow));

    let grant = ClientGrant::view(&completed::<ClientGrant>(json!({
        "id": "cgr_XB6ZHmjNC4RXBCpg", "audience": "https://api/", "scope": ["read:data"],
        "default_for": "third_party_clients"
    })))
    .unwrap();
    assert_eq!((grant.client_id, grant.subject_type), (None, SubjectType::Client));
}

#[test]
fn hostile_and_mistaken_bodies_are_refused() {
    let long = "a".repeat(601);
    let credential = json!({ "private_key_jwt": { "credentials": [{ "id": "cred_1" }] } });
    let cases = [
        (Client::NOUN, Op::Create, json!({})),
        (Client::NOUN, Op::Create, json!({ "name": "<b>" })),
        (Client::NOUN, Op::Create, json!({ "name": "a\0" })),
        (Client::NOUN, Op::Create, json!({ "name": ["a"] })),
        (Client::NOUN, Op::Create, json!({ "name": "a", "client_id": "mine" })),
        (Client::NOUN, Op::Create, json!({ "name": "a", "description": "a".repeat(141) })),
        (Client::NOUN, Op::Create, json!({ "name": "a", "grant_types": ["magic"] })),
        (Client::NOUN, Op::Create, json!({ "name": "a", "global": true })),
        (Client::NOUN, Op::Create, json!({ "name": "a", "token_endpoint_auth_method": null })),
        (Client::NOUN, Op::Create, json!({ "name": "a", "client_authentication_methods": credential })),
        (Client::NOUN, Op::Create, json!({ "name": "a", "native_social_login": {} })),
        (Client::NOUN, Op::Create, json!({ "name": "a", "refresh_token": { "leeway": 1 } })),
        (Client::NOUN, Op::Create, json!({ "name": "a", "jwt_configuration": { "alg": "none" } })),
        (
            Client::NOUN,
            Op::Create,
            json!({ "name": "a", "token_quota": { "client_credentials": { "per_day": 0 } } }),
        ),
        (Client::NOUN, Op::Update, json!({ "name": null })),
        (Client::NOUN, Op::Update, json!({ "resource_server_identifier": "https://a" })),
        (Client::NOUN, Op::Update, json!({ "client_metadata": { "a": 1 } })),
        (Client::NOUN, Op::Update, json!({ "client_authentication_methods": {} })),
        (Client::NOUN, Op::Update, json!({ "par_request_expiry": 5 })),
        (ResourceServer::NOUN, Op::Create, json!({ "identifier": "" })),
        (ResourceServer::NOUN, Op::Create, json!({ "identifier": long })),
        (ResourceServer::NOUN, Op::Create, json!({ "identifier": "a", "signing_alg": "none" })),
        (ResourceServer::NOUN, Op::Create, json!({ "identifier": "a", "signing_secret": "short" })),
        (ResourceServer::NOUN, Op::Create, json!({ "identifier": "a", "scopes": [{ "value": "a b" }] })),
        (ResourceServer::NOUN, Op::Create, json!({ "identifier": "a", "scopes": [{ "description": "x" }] })),
        (ResourceServer::NOUN, Op::Create, json!({ "identifier": "a", "is_system": true })),
        (ResourceServer::NOUN, Op::Update, json!({ "identifier": "b" })),
        (ResourceServer::NOUN, Op::Update, json!({ "token_lifetime": 2_592_001 })),
        (ResourceServer::NOUN, Op::Update, json!({ "token_lifetime": -1 })),
        (Client::NOUN, Op::Create, json!({ "name": "a", "client_aliases": ["a".repeat(256)] })),
        (ClientGrant::NOUN, Op::Create, json!({ "client_id": "a" })),
        (ClientGrant::NOUN, Op::Create, json!({ "audience": long })),
        (ClientGrant::NOUN, Op::Create, json!({ "audience": "a", "scope": ["a b"] })),
        (ClientGrant::NOUN, Op::Update, json!({ "audience": "a" })),
        (ClientGrant::NOUN, Op::Update, json!({ "subject_type": "user" })),
        (ClientGrant::NOUN, Op::Update, json!({ "scope": null })),
        (ClientCredential::NOUN, Op::Create, json!({ "pem": "a" })),
        (ClientCredential::NOUN, Op::Update, json!({ "pem": "a" })),
        (ClientCredential::NOUN, Op::Update, json!({ "expires_at": "tomorrow" })),
        (TenantSettings::NOUN, Op::Update, json!({ "sandbox_versions_available": ["99"] })),
        (TenantSettings::NOUN, Op::Update, json!({ "flags": { "universal_login": true } })),
        (TenantSettings::NOUN, Op::Update, json!({ "enabled_locales": ["tlh"] })),
        (TenantSettings::NOUN, Op::Update, json!({ "support_email": "not an address" })),
        (EncryptionKey::NOUN, Op::Create, json!({ "type": "skeleton-key" })),
        (Organization::NOUN, Op::Create, json!({ "name": "Acme" })),
        (Organization::NOUN, Op::Update, json!({ "name": "" })),
    ];
    for (noun, op, body) in cases {
        assert!(check(noun.fields, &object(body.clone()), op).is_err(), "{} {op:?} {body}", noun.path);
    }
}

#[test]
fn what_is_found_by_and_what_is_sealed() {
    let client = completed::<Client>(json!({ "name": "a", "client_aliases": ["x", "y"], "app_type": "spa" }));
    let found: Vec<_> = keys(Client::NOUN.fields, &client)
        .into_iter()
        .map(|k| (k.name, k.value.clone(), k.is_unique()))
        .collect();
    let expected = [
        ("global", "false".to_owned(), false),
        ("is_first_party", "true".to_owned(), false),
        ("app_type", "spa".to_owned(), false),
        ("client_aliases", "x".to_owned(), true),
        ("client_aliases", "y".to_owned(), true),
    ];
    assert_eq!(found, expected);

    let sealed = |noun: Noun, document: Value| {
        let mut paths = Vec::new();
        each_secret::<()>(noun.fields, &mut object(document), &mut |path, _| {
            paths.push(path.to_owned());
            Ok(())
        })
        .expect("infallible");
        paths
    };
    let keys = json!({ "client_secret": "a", "signing_keys": [{ "key": "b", "cert": "c" }] });
    assert_eq!(sealed(Client::NOUN, keys), ["signing_keys.key", "client_secret"]);
    assert_eq!(sealed(ResourceServer::NOUN, json!({ "signing_secret": "a" })), ["signing_secret"]);
    let keys = json!({ "rsa": "a", "p256": "b", "ed25519": "c", "cert": "d" });
    assert_eq!(sealed(SigningKey::NOUN, keys), ["rsa", "p256", "ed25519"]);
    assert_eq!(sealed(EncryptionKey::NOUN, json!({ "wrapping_key": "a" })), ["wrapping_key"]);
}

/// What `check` lets in, the view must be able to read: else a good request would become an error of the server.
mod agreement {
    use super::*;

    #[test]
    fn whatever_is_accepted_can_be_read() {
        agrees::<Client>(json!({ "client_id": "c", "name": "a" }));
        agrees::<ClientCredential>(json!({ "id": "c", "client_id": "c", "credential_type": "public_key" }));
        agrees::<ResourceServer>(json!({ "id": "c", "identifier": "a" }));
        agrees::<ClientGrant>(json!({ "id": "c", "audience": "a" }));
        agrees::<TenantSettings>(json!({}));
        agrees::<Organization>(json!({ "id": "c", "name": "a" }));
        agrees::<BruteForceProtection>(json!({}));
        agrees::<SuspiciousIpThrottling>(json!({}));
        agrees::<attack_protection::BreachedPasswordDetection>(json!({}));
        agrees::<attack_protection::BotDetection>(json!({}));
        agrees::<attack_protection::Captcha>(json!({}));
        agrees::<RateLimitPolicy>(json!({
            "id": "rlp_1", "resource": "oauth_authentication_api", "consumer": "client", "consumer_selector": "default",
            "configuration": { "action": "allow" },
        }));
        agrees::<NetworkAcl>(json!({
            "id": "acl_1", "description": "a", "active": true, "rule": { "scope": "tenant", "action": { "block": true } },
        }));
    }

    fn agrees<T: Resource>(least: Value) {
        let fields = T::NOUN.fields;
        for op in [Op::Create, Op::Update] {
            for field in fields.iter().filter(|field| field.writable(op)) {
                // Credentials that come with a new client are replaced by their identifiers before they are stored.
                if op == Op::Create && field.name == "client_authentication_methods" {
                    continue;
                }
                for value in samples(field, op) {
                    let mut document = completed::<T>(least.clone());
                    let mut body = Object::new();
                    if op == Op::Create {
                        body = document.clone();
                        body.retain(|name, _| {
                            fields.iter().any(|f| f.name == name && f.required && f.writable(op))
                        });
                    }
                    body.insert(field.name.into(), value.clone());
                    if let Err(violation) = check(fields, &body, op) {
                        panic!("{}: a sample is refused: {violation}", T::NOUN.path);
                    }
                    merge(fields, &mut document, body);
                    if let Err(error) = T::view(&document) {
                        panic!("{}.{} as {value}: {error}", T::NOUN.path, field.name);
                    }
                }
            }
        }
    }

    /// Values at the edges of what a field allows.
    fn samples(field: &Field, op: Op) -> Vec<Value> {
        let mut values = match field.shape {
            Shape::Text => vec![json!(text(field))],
            Shape::Integer | Shape::Number => {
                vec![json!(field.min.unwrap_or(0)), json!(field.max.unwrap_or(1_000_000))]
            }
            Shape::List(shape) => vec![Value::Array(samples(&inner(field, *shape), op))],
            Shape::Map(shape) => {
                vec![json!({}), json!({ "k": samples(&inner(field, *shape), op).remove(0) })]
            }
            Shape::Object(fields) => objects(fields, op),
            Shape::Boolean => vec![json!(true), json!(false)],
            Shape::Choice(choices) => choices.iter().map(|choice| json!(choice)).collect(),
            Shape::Any => vec![json!({ "any": ["thing", 1, null] })],
            Shape::OneOf { .. } => Vec::new(),
        };
        let least = field.min.unwrap_or(0);
        values.retain(|value| value.as_object().is_none_or(|members| members.len() as i64 >= least));
        if field.nullable && (op == Op::Update || field.nullable_on_create) {
            values.push(Value::Null);
        }
        values
    }

    /// The rules of a list or map for what is in it.
    fn inner(field: &Field, shape: Shape) -> Field {
        Field { shape, min: field.each_min, max: field.each_max, nullable: false, ..*field }
    }

    /// An object with no more than it needs, and one more for each thing that it may have.
    fn objects(fields: &'static [Field], op: Op) -> Vec<Value> {
        let writable = || fields.iter().filter(|field| field.writable(op));
        let least: Object = writable()
            .filter(|field| field.required)
            .map(|field| (field.name.to_owned(), samples(field, op).remove(0)))
            .collect();
        let mut objects = vec![Value::Object(least.clone())];
        for field in writable() {
            for value in samples(field, op) {
                let mut object = least.clone();
                object.insert(field.name.into(), value);
                objects.push(Value::Object(object));
            }
        }
        objects
    }

    fn text(field: &Field) -> String {
        match field.format {
            Some(Format::AbsoluteUri | Format::AbsoluteUriOrEmpty | Format::AbsoluteHttpsUriOrEmpty) => {
                "https://example.com/a".into()
            }
            Some(Format::EmailOrEmpty) => "a@example.com".into(),
            Some(Format::DateTime) => "2026-01-02T03:04:05.678Z".into(),
            Some(Format::IpOrCidr) => "10.0.0.0/8".into(),
            Some(Format::KeyId) => "a-key_id-1234".into(),
            Some(Format::Phone) => "+4930123456".into(),
            Some(Format::Uuid) => "019b76da-a800-73c9-b656-b349ae415c17".into(),
            Some(Format::HexColor) => "#0b57d0".into(),
            Some(
                Format::NoAngleBrackets
                | Format::Slug
                | Format::HostLabel
                | Format::Scope
                | Format::HookName
                | Format::ConnectionName,
            )
            | None => "a".repeat(usize::try_from(field.min.unwrap_or(1).max(1)).expect("a length")),
        }
    }
}
