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

/// The values of a cookie and of its twin, for browsers that keep only one of them.
pub fn twin_cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> Vec<String> {
    let twin = format!("{name}{TWIN}");
    let values = cookies(headers, name).map(str::to_owned);
    values.chain(cookies(headers, &twin).map(str::to_owned)).collect()
}

/// A cookie to be kept by the browser below the path of the doors, out of reach of scripts. Pages of other sites frame
/// ours and post to us, so it is sent from there too; what a form of ours does is not done for theirs. A twin says nothing
/// of sites, for browsers that do not understand that.
#[derive(Clone, Debug)]
pub struct SetCookie<'a> {
    name: &'a str,
    value: &'a str,
    path: String,
    max_age: Option<i64>,
    secure: bool,
}

impl<'a> SetCookie<'a> {
    /// A cookie that ends with the browser.
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

    /// Adds the lines that set it and its twin. Without HTTPS, browsers keep the first on their own machine only; the twin
    /// is then for all others.
    pub fn add_to(&self, headers: &mut HeaderMap) -> Result<(), InvalidHeaderValue> {
        let SetCookie { name, value, path, max_age, secure } = self;
        let max_age = max_age.map_or(String::new(), |seconds| format!("; Max-Age={seconds}"));
        let secure = if *secure { "; Secure" } else { "" };
        let first = format!("{name}={value}; Path={path}{max_age}; HttpOnly; Secure; SameSite=None");
        let twin = format!("{name}{TWIN}={value}; Path={path}{max_age}; HttpOnly{secure}");
        for line in [first, twin] {
            headers.append(SET_COOKIE, HeaderValue::try_from(line)?);
        }
        Ok(())
    }
}

/// What the name of a twin ends in.
const TWIN: &str = "_compat";
