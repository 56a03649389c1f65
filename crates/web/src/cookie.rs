//! Cookies, read and written. What they hold is the caller's business.

use http::{
    HeaderMap, HeaderValue,
    header::{COOKIE, InvalidHeaderValue, SET_COOKIE},
};

use crate::{Origin, PathPrefix, Scheme};

/// The values of the cookies of this name, in the order in which the browser sent them: that of the closest path first
/// (RFC 6265 §5.4).
pub fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.filter(move |(given, _)| given.trim() == name).map(|(_, value)| value.trim())
}

/// A cookie to be kept by the browser below the path of the doors, out of reach of scripts and of what other sites post.
#[derive(Clone, Debug)]
pub struct SetCookie<'a> {
    name: &'a str,
    value: &'a str,
    path: String,
    max_age: Option<i64>,
    secure: bool,
}

impl<'a> SetCookie<'a> {
    /// A cookie that ends with the browser, and goes over HTTPS only if the answer does.
    pub fn new(name: &'a str, value: &'a str, origin: &Origin, prefix: &PathPrefix) -> Self {
        let secure = origin.scheme == Scheme::Https;
        SetCookie { name, value, path: prefix.path("/"), max_age: None, secure }
    }

    /// A cookie that the browser is to forget.
    pub fn forgotten(name: &'a str, origin: &Origin, prefix: &PathPrefix) -> Self {
        SetCookie::new(name, "", origin, prefix).lasting(Some(0))
    }

    /// The same, for so many seconds.
    #[must_use]
    pub fn lasting(self, seconds: Option<i64>) -> Self {
        SetCookie { max_age: seconds, ..self }
    }

    /// Adds the line that sets it.
    pub fn add_to(&self, headers: &mut HeaderMap) -> Result<(), InvalidHeaderValue> {
        let SetCookie { name, value, path, max_age, secure } = self;
        let max_age = max_age.map_or(String::new(), |seconds| format!("; Max-Age={seconds}"));
        let secure = if *secure { "; Secure" } else { "" };
        let line = format!("{name}={value}; Path={path}{max_age}; HttpOnly{secure}; SameSite=Lax");
        headers.append(SET_COOKIE, HeaderValue::try_from(line)?);
        Ok(())
    }
}
