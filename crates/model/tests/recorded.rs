//! The declarations against what was recorded of a real tenant and against the field lists of the contract. Both lie
//! beside the repository, where they may be missing; so these tests are ignored until asked for.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use model::{
    Client, ClientCredential, ClientGrant, MANAGEMENT_SCOPES, Organization, ResourceServer, TenantSettings,
};
use schema::{Noun, Object, Op, Resource, Shape, check};
use serde_json::Value;

/// A family of operations: its noun, the paths that create and change it, and a field that answers which were asked
/// for in part do not have.
struct Family {
    noun: Noun,
    view: fn(&Object) -> Result<(), serde_json::Error>,
    whole: &'static str,
    create: Option<&'static str>,
    update: &'static str,
}

const FAMILIES: [Family; 6] = [
    family::<Client>("name", Some("/clients"), "/clients/{id}"),
    family::<ClientCredential>(
        "id",
        Some("/clients/{client_id}/credentials"),
        "/clients/{client_id}/credentials/{credential_id}",
    ),
    family::<ResourceServer>("token_lifetime", Some("/resource-servers"), "/resource-servers/{id}"),
    family::<ClientGrant>("audience", Some("/client-grants"), "/client-grants/{id}"),
    family::<Organization>("id", Some("/organizations"), "/organizations/{id}"),
    family::<TenantSettings>("flags", None, "/tenants/settings"),
];

const fn family<T: Resource>(
    whole: &'static str,
    create: Option<&'static str>,
    update: &'static str,
) -> Family {
    Family { noun: T::NOUN, view: |document| T::view(document).map(|_| ()), whole, create, update }
}

impl Family {
    /// What a call does to this family, if it writes it.
    fn op(&self, method: &str, path: &str) -> Option<Op> {
        match method {
            "POST" if self.create.is_some_and(|template| fits(template, path)) => Some(Op::Create),
            "PATCH" if fits(self.update, path) => Some(Op::Update),
            _ => None,
        }
    }

    /// Whether a call's answer shows a document of this family.
    fn shown(&self, method: &str, path: &str) -> bool {
        match method {
            "GET" => fits(self.update, path) || self.create.is_some_and(|template| fits(template, path)),
            _ => self.op(method, path).is_some(),
        }
    }
}

fn fits(template: &str, path: &str) -> bool {
    let path = path.strip_prefix("/api/v2").unwrap_or(path);
    template.split('/').count() == path.split('/').count()
        && template
            .split('/')
            .zip(path.split('/'))
            .all(|(wanted, given)| wanted.starts_with('{') || wanted == given)
}

#[test]
#[ignore = "reads ../shared/spec and ../shared/recordings"]
fn every_body_that_was_accepted_is_accepted() {
    let mut bodies = 0;
    for call in calls() {
        for family in &FAMILIES {
            let Some(op) = family.op(&call.method, &call.path) else { continue };
            let Value::Object(body) = &call.body else { continue };
            if !(200..300).contains(&call.status) {
                continue;
            }
            bodies += 1;
            if let Err(violation) = check(family.noun.fields, body, op) {
                panic!("{}: {} {}: {violation}", call.file, call.method, call.path);
            }
        }
    }
    assert!(bodies > 0, "no recorded body is of a declared family");
}

#[test]
#[ignore = "reads ../shared/spec and ../shared/recordings"]
fn every_key_that_was_answered_is_declared() {
    let mut missing = BTreeMap::new();
    for call in calls().filter(|call| (200..300).contains(&call.status)) {
        for family in FAMILIES.iter().filter(|family| family.shown(&call.method, &call.path)) {
            for document in documents(&call.answer) {
                undeclared(Shape::Object(family.noun.fields), document, family.noun.path, &mut |path| {
                    missing.entry(path).or_insert_with(|| call.file.clone());
                });
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
#[ignore = "reads ../shared/spec and ../shared/recordings"]
fn every_answered_document_is_read_by_its_view() {
    for call in calls().filter(|call| (200..300).contains(&call.status)) {
        for family in FAMILIES.iter().filter(|family| family.shown(&call.method, &call.path)) {
            for document in documents(&call.answer).filter(|document| document.contains_key(family.whole)) {
                let mut document = document.clone();
                schema::complete(family.noun.fields, &mut document);
                // The stored key has its PEM, which no answer shows.
                document.remove("token_encryption");
                document.insert("client_id".into(), Value::from("some client"));
                if let Err(error) = (family.view)(&document) {
                    panic!("{}: {} {}: {error}", call.file, call.method, call.path);
                }
            }
        }
    }
}

#[test]
#[ignore = "reads ../shared/spec and ../shared/recordings"]
fn every_field_of_the_contract_is_declared_and_writable() {
    let text = fs::read_to_string(shared("spec/contract.json")).expect("the contract is text");
    let contract: Value = serde_json::from_str(&text).expect("the contract is JSON");
    let mut missing = Vec::new();
    for operation in contract["operations"].as_array().expect("a list of operations") {
        let (method, path) = (text_of(&operation["method"]), text_of(&operation["path"]));
        for family in &FAMILIES {
            let op = match method {
                "POST" if family.create == Some(path) => Op::Create,
                "PATCH" if family.update == path => Op::Update,
                _ => continue,
            };
            for (name, of) in operation["body"].as_object().into_iter().flatten() {
                let here = format!("{method} {path} {name}");
                match family.noun.field(name).filter(|field| field.writable(op)) {
                    Some(field) => {
                        // A type of Python, such as `typing.Optional[typing.Sequence[ResourceServerScope]]`.
                        let name =
                            text_of(of).trim_end_matches(']').rsplit(['[', '.']).next().unwrap_or_default();
                        let shape = match field.shape {
                            Shape::List(item) if text_of(of).contains("Sequence[") => *item,
                            shape => shape,
                        };
                        Compare { contract: &contract, op, missing: &mut missing }.of(
                            &contract["schemas"][name],
                            shape,
                            &here,
                        );
                    }
                    None => missing.push(here),
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Walks a schema of the contract and a declared shape together.
struct Compare<'a> {
    contract: &'a Value,
    op: Op,
    missing: &'a mut Vec<String>,
}

impl Compare<'_> {
    fn of(&mut self, schema: &Value, shape: Shape, path: &str) {
        if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
            let contract = self.contract;
            self.of(&contract["schemas"][name], shape, path);
        }
        schema["anyOf"].as_array().into_iter().flatten().for_each(|one| self.of(one, shape, path));
        match shape {
            Shape::Object(fields) => {
                for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
                    let here = format!("{path}.{name}");
                    match fields.iter().find(|field| field.name == name && field.writable(self.op)) {
                        Some(field) => self.of(inner, field.shape, &here),
                        None => self.missing.push(here),
                    }
                }
            }
            Shape::List(item) => self.of(&schema["items"], *item, path),
            Shape::Choice(choices) => {
                let words = schema["enum"].as_array().into_iter().flatten().chain(schema.get("const"));
                let unknown = words.map(text_of).filter(|word| !choices.contains(word));
                self.missing.extend(unknown.map(|word| format!("{path} as {word}")));
            }
            Shape::Map(_)
            | Shape::OneOf { .. }
            | Shape::Text
            | Shape::Integer
            | Shape::Number
            | Shape::Boolean
            | Shape::Any => {}
        }
    }
}

#[test]
#[ignore = "reads ../shared/spec and ../shared/recordings"]
fn every_scope_of_a_recorded_tenant_is_known() {
    for call in calls().filter(|call| call.method == "GET" && call.path.contains("/resource-servers")) {
        for document in
            documents(&call.answer).filter(|document| document.get("is_system") == Some(&Value::Bool(true)))
        {
            if !document.get("identifier").is_some_and(|audience| text_of(audience).ends_with("/api/v2/")) {
                continue;
            }
            let scopes = document.get("scopes").and_then(Value::as_array).expect("a system API has scopes");
            for scope in scopes {
                let value = text_of(&scope["value"]);
                assert!(MANAGEMENT_SCOPES.iter().any(|(known, _)| *known == value), "{}: {value}", call.file);
            }
        }
    }
}

/// One recorded exchange.
struct Call {
    file: String,
    method: String,
    path: String,
    status: u64,
    body: Value,
    answer: Value,
}

fn calls() -> impl Iterator<Item = Call> {
    let mut files = Vec::new();
    collect(&shared("recordings"), &mut files);
    files.into_iter().flat_map(|file| {
        let text = fs::read_to_string(&file).expect("a recording is text");
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).expect("a recording is JSON lines")).collect();
        lines.into_iter().filter_map(move |mut line| {
            Some(Call {
                file: name.clone(),
                method: line["method"].as_str()?.to_owned(),
                path: line["path"].as_str()?.to_owned(),
                status: line["status"].as_u64()?,
                body: line["req_body"].take(),
                answer: line["res_body"].take(),
            })
        })
    })
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder can be listed") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "jsonl") {
            files.push(path);
        }
    }
}

/// The documents of an answer: itself, a bare list, or a page.
fn documents(answer: &Value) -> impl Iterator<Item = &Object> {
    let list = match answer {
        Value::Array(items) => items.as_slice(),
        Value::Object(page) => ["clients", "resource_servers", "client_grants", "organizations"]
            .iter()
            .find_map(|name| page.get(*name).and_then(Value::as_array))
            .filter(|_| page.contains_key("total") || page.contains_key("next") || page.len() == 1)
            .map_or(std::slice::from_ref(answer), Vec::as_slice),
        _ => &[],
    };
    list.iter().filter_map(Value::as_object)
}

/// Calls `found` with the path of each member that the shape does not know.
fn undeclared(shape: Shape, object: &Object, path: &str, found: &mut dyn FnMut(String)) {
    let Shape::Object(fields) = shape else { return };
    for (name, value) in object {
        let here = format!("{path}.{name}");
        match (fields.iter().find(|field| field.name == name), value) {
            (None, _) => found(here),
            (Some(field), Value::Object(inner)) => undeclared(field.shape, inner, &here, found),
            (Some(field), Value::Array(items)) => {
                if let Shape::List(shape) = field.shape {
                    items
                        .iter()
                        .filter_map(Value::as_object)
                        .for_each(|item| undeclared(*shape, item, &here, found));
                }
            }
            (Some(_), _) => {}
        }
    }
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn shared(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(path)
}
