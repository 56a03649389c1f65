//! The languages that pages are written in.

use schema::{Shape, Shaped};
use serde::Deserialize;

/// A language that pages are written in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Locale(pub String);

impl Shaped for Locale {
    const SHAPE: Shape = Shape::Choice(LOCALES);
}

/// Every language that a page may be asked for in.
pub const LOCALES: &[&str] = &[
    "am", "ar", "ar-EG", "ar-SA", "az", "bg", "bn", "bs", "ca-ES", "cnr", "cs", "cy", "da", "de", "el", "en",
    "en-CA", "es", "es-419", "es-AR", "es-MX", "et", "eu-ES", "fa", "fi", "fr", "fr-CA", "fr-FR", "gl-ES",
    "gu", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "ka", "kk", "kn", "ko", "lt", "lv", "mk",
    "ml", "mn", "mr", "ms", "my", "nb", "nl", "nn", "no", "pa", "pl", "pt", "pt-BR", "pt-PT", "ro", "ru",
    "sk", "sl", "so", "sq", "sr", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "zgh", "zh-CN",
    "zh-HK", "zh-MO", "zh-TW",
];
