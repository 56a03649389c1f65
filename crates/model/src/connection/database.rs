//! What a database of people who log in with a password can be told.

use std::collections::BTreeMap;

use schema::{Declared, Shaped};
use serde::Deserialize;
use serde_json::Value;

use super::Active;

/// How a database behaves.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
#[serde(default)]
pub struct DatabaseOptions {
    /// Which passwords may be chosen.
    #[serde(rename = "passwordPolicy")]
    #[field(nullable_on_create)]
    pub password_policy: Option<PasswordPolicy>,
    /// How long a password must be.
    #[field(nullable_on_create)]
    pub password_complexity_options: Option<ComplexityOptions>,
    /// Which former passwords may not be chosen again.
    #[field(nullable_on_create)]
    pub password_history: Option<HistoryOptions>,
    /// Whether a password may hold what is known of the person.
    #[field(nullable_on_create)]
    pub password_no_personal_info: Option<Enabled>,
    /// Which words may not be chosen.
    #[field(nullable_on_create)]
    pub password_dictionary: Option<DictionaryOptions>,
    /// All of this in the newer words, which have precedence.
    #[field(nullable_on_create)]
    pub password_options: Option<PasswordOptions>,
    /// Whether nobody may sign up.
    pub disable_signup: Option<bool>,
    /// Whether nobody may ask for another password by e-mail.
    pub disable_self_service_change_password: Option<bool>,
    /// Whether those who guess are closed out.
    pub brute_force_protection: Option<bool>,
    /// Whether everybody has a user name.
    pub requires_username: Option<bool>,
    /// What a user name may be like.
    #[field(nullable_on_create)]
    pub validation: Option<Validation>,
    /// What people are known by, one by one.
    #[field(nullable_on_create)]
    pub attributes: Option<Attributes>,
    /// Which attribute is looked for first.
    #[field(max(3), unique_items)]
    pub precedence: Option<Vec<Identifier>>,
    /// Whether people are copied here from elsewhere as they log in.
    pub import_mode: Option<bool>,
    /// Whether people are kept elsewhere, which scripts know.
    #[serde(rename = "enabledDatabaseCustomization")]
    pub enabled_database_customization: Option<bool>,
    /// The scripts that know them.
    #[serde(rename = "customScripts")]
    #[field(nullable_on_create)]
    pub custom_scripts: Option<CustomScripts>,
    /// What the scripts are told, such as how to reach the other database.
    #[field(key_max(256))]
    pub configuration: Option<BTreeMap<String, Value>>,
    /// Whether the scripts are told what the person is about to do.
    pub enable_script_context: Option<bool>,
    /// Which ways there are to prove who one is.
    #[field(nullable_on_create)]
    pub authentication_methods: Option<Declared<AuthenticationMethods>>,
    /// How passkeys are offered.
    #[field(nullable_on_create)]
    pub passkey_options: Option<Declared<PasskeyOptions>>,
    /// Whether second factors are asked for.
    #[field(nullable_on_create)]
    pub mfa: Option<Declared<Mfa>>,
    /// What is known of people only while they log in.
    #[field(nullable_on_create, max(100), each_max(255))]
    pub non_persistent_attrs: Option<Declared<Vec<String>>>,
    /// Whether a realm that is not there means this connection.
    pub realm_fallback: Option<Declared<bool>>,
    /// Whether nobody may log in.
    pub disable_sign_in: Option<bool>,
}

/// Which passwords may be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum PasswordPolicy {
    None,
    Low,
    Fair,
    Good,
    Excellent,
}

/// How long a password must be.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct ComplexityOptions {
    /// In characters.
    #[field(min(1), max(128))]
    pub min_length: Option<u32>,
}

/// Which former passwords may not be chosen again.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct HistoryOptions {
    /// Whether they are remembered.
    pub enable: bool,
    /// How many.
    #[field(min(0), max(24))]
    pub size: Option<u32>,
}

/// Something that can be switched on.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct Enabled {
    /// Whether it is on.
    pub enable: bool,
}

/// Which words may not be chosen.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct DictionaryOptions {
    /// Whether the common ones are refused.
    pub enable: bool,
    /// Further ones.
    #[field(max(200), each_max(50))]
    pub dictionary: Option<Vec<String>>,
}

/// Which passwords may be chosen, in the newer words.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct PasswordOptions {
    /// What a password is made of.
    #[field(nullable_on_create)]
    pub complexity: Option<Complexity>,
    /// Which words may not be chosen.
    #[field(nullable_on_create)]
    pub dictionary: Option<Dictionary>,
    /// Which former ones may not be chosen again.
    #[field(nullable_on_create)]
    pub history: Option<History>,
    /// Whether it may hold what is known of the person.
    #[field(nullable_on_create)]
    pub profile_data: Option<ProfileData>,
}

/// What a password is made of.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct Complexity {
    /// In characters.
    #[field(min(1), max(72))]
    pub min_length: Option<u32>,
    /// Which kinds of characters there must be.
    #[field(max(4), unique_items)]
    pub character_types: Option<Vec<CharacterType>>,
    /// Whether all of these are needed, or three of the four there are.
    pub character_type_rule: Option<CharacterTypeRule>,
    /// Whether one character may stand more than twice in a row.
    pub identical_characters: Option<Rule>,
    /// Whether characters may follow each other as in the alphabet.
    pub sequential_characters: Option<Rule>,
    /// What becomes of one that is too long.
    pub max_length_exceeded: Option<Declared<TooLong>>,
}

/// A kind of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum CharacterType {
    Uppercase,
    Lowercase,
    Number,
    Special,
}

/// How many kinds of characters are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum CharacterTypeRule {
    All,
    ThreeOfFour,
}

/// Whether something may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    Allow,
    Block,
}

/// What becomes of a password that is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum TooLong {
    Truncate,
    Error,
}

/// Which words may not be chosen, in the newer words.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct Dictionary {
    /// Whether any are refused.
    pub active: Option<bool>,
    /// The list of common ones.
    pub default: Option<Declared<CommonWords>>,
    /// Further ones.
    #[field(max(200), each_max(50))]
    pub custom: Option<Vec<String>>,
}

/// A list of common words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
pub enum CommonWords {
    #[serde(rename = "en_10k")]
    TenThousand,
    #[serde(rename = "en_100k")]
    HundredThousand,
}

/// Which former passwords may not be chosen again, in the newer words.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct History {
    /// Whether they are remembered.
    pub active: Option<bool>,
    /// How many.
    #[field(min(0), max(24))]
    pub size: Option<u32>,
}

/// Whether a password may hold what is known of the person, in the newer words.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct ProfileData {
    /// Whether it is looked for.
    pub active: Option<bool>,
    /// What of it.
    #[field(max(12), each_max(100))]
    pub blocked_fields: Option<Vec<String>>,
}

/// What a user name may be like.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct Validation {
    /// How long it may be.
    #[field(nullable_on_create)]
    pub username: Option<UsernameLength>,
}

/// How long a user name may be.
#[derive(Debug, Clone, Copy, Default, Deserialize, Shaped)]
pub struct UsernameLength {
    /// In characters, at least.
    #[field(min(1), max(128))]
    pub min: Option<u32>,
    /// In characters, at most.
    #[field(min(1), max(128))]
    pub max: Option<u32>,
}

/// What people are known by, one by one.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct Attributes {
    /// The address.
    pub email: Option<Attribute>,
    /// The telephone number.
    pub phone_number: Option<Attribute>,
    /// The user name.
    pub username: Option<Attribute>,
}

/// One thing that people are known by.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct Attribute {
    /// Whether people log in with it.
    pub identifier: Option<IdentifierOptions>,
    /// Whether a profile must have it.
    pub profile_required: Option<bool>,
    /// Whether it is asked for at sign-up.
    pub signup: Option<SignupOptions>,
    /// How it is made sure that it is the person's.
    pub verification_method: Option<VerificationMethod>,
    /// Whether no two people may share it.
    pub unique: Option<bool>,
    /// What it may be like.
    pub validation: Option<AttributeValidation>,
}

/// Whether people log in with an attribute.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct IdentifierOptions {
    /// Whether they do.
    pub active: Option<bool>,
    /// What they then prove themselves with first.
    #[field(max(100))]
    pub default_method: Option<Declared<String>>,
}

/// Whether an attribute is asked for at sign-up.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct SignupOptions {
    /// Whether it is.
    pub status: Option<SignupStatus>,
    /// Whether it is verified then.
    pub verification: Option<Active>,
}

/// Whether an attribute is asked for at sign-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum SignupStatus {
    Required,
    Optional,
    Inactive,
}

/// How it is made sure that an attribute is the person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum VerificationMethod {
    Link,
    Code,
    Otp,
}

/// What an attribute may be like.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct AttributeValidation {
    /// In characters, at least.
    #[field(min(1), max(128))]
    pub min_length: Option<u32>,
    /// In characters, at most.
    #[field(min(1), max(128))]
    pub max_length: Option<u32>,
    /// Which other things it may look like.
    pub allowed_types: Option<AllowedTypes>,
}

/// Which other things a user name may look like.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct AllowedTypes {
    /// An address.
    pub email: Option<bool>,
    /// A telephone number.
    pub phone_number: Option<bool>,
}

/// What somebody may be known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum Identifier {
    Email,
    PhoneNumber,
    Username,
}

/// The scripts that know people who are kept elsewhere.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct CustomScripts {
    /// Tells who has a name and a password.
    #[field(max(102_400))]
    pub login: Option<String>,
    /// Tells who has a name.
    #[field(max(102_400))]
    pub get_user: Option<String>,
    /// Makes somebody.
    #[field(max(102_400))]
    pub create: Option<String>,
    /// Notes that an address is the person's.
    #[field(max(102_400))]
    pub verify: Option<String>,
    /// Gives somebody another password.
    #[field(max(102_400))]
    pub change_password: Option<String>,
    /// Removes somebody.
    #[field(max(102_400))]
    pub delete: Option<String>,
    /// Gives somebody another address.
    #[field(max(102_400))]
    pub change_email: Option<String>,
    /// Gives somebody another user name.
    #[field(max(102_400))]
    pub change_username: Option<String>,
    /// Gives somebody another telephone number.
    #[field(max(102_400))]
    pub change_phone_number: Option<String>,
}

/// Which ways there are to prove who one is.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct AuthenticationMethods {
    /// A password.
    pub password: Option<PasswordMethod>,
    /// A passkey.
    pub passkey: Option<Method>,
    /// A code that comes by e-mail.
    pub email_otp: Option<Method>,
    /// A code that comes by telephone.
    pub phone_otp: Option<Method>,
}

/// A way to prove who one is.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct Method {
    /// Whether it is there.
    pub enabled: Option<bool>,
}

/// The password as a way to prove who one is.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct PasswordMethod {
    /// Whether it is there.
    pub enabled: Option<bool>,
    /// Whether whoever is made through the API needs one.
    pub api_behavior: Option<ApiBehavior>,
    /// Whether whoever signs up may choose one.
    pub signup_behavior: Option<Rule>,
}

/// Whether whoever is made through the API needs a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum ApiBehavior {
    Required,
    Optional,
}

/// How passkeys are offered.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct PasskeyOptions {
    /// How people are asked.
    pub challenge_ui: Option<ChallengeUi>,
    /// Whether those who log in otherwise are offered one.
    pub progressive_enrollment_enabled: Option<bool>,
    /// Whether those who log in with one of another device are offered one of this.
    pub local_enrollment_enabled: Option<bool>,
}

/// How people are asked for a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum ChallengeUi {
    Both,
    Autofill,
    Button,
}

/// Whether second factors are asked for.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct Mfa {
    /// Whether they are.
    pub active: Option<bool>,
    /// Whether it is told which ones a person has.
    pub return_enroll_settings: Option<bool>,
}
