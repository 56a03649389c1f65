//! Request bodies: read whole, within a size and a time, and decoded as a form. A form is never guessed at:
//! what is not UTF-8 is refused, and repeated names are the caller's to judge.

use std::{borrow::Cow, collections::BTreeMap, future::poll_fn, pin::pin, task::Poll, time::Duration};

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use percent_encoding::percent_decode;
use tokio::time::timeout;

/// Reads a whole body of at most `limit` bytes; the last of them may come no later than `deadline` after the call.
pub async fn read_body(body: Body, limit: usize, deadline: Duration) -> Result<Bytes, BodyError> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    // A stated length is refused before the client is asked to go on with it (100-continue).
    if body.size_hint().lower() > limit as u64 {
        return Err(BodyError::TooLarge);
    }
    let mut gathering = pin!(gather(body, limit));
    // A body that came in the packet of its head is there already; only one that is missing costs a timer.
    match poll_fn(|cx| Poll::Ready(gathering.as_mut().poll(cx))).await {
        Poll::Ready(gathered) => gathered,
        Poll::Pending => timeout(deadline, gathering).await.unwrap_or(Err(BodyError::Slow)),
    }
}

async fn gather(mut body: Body, limit: usize) -> Result<Bytes, BodyError> {
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
        if first.len() + rest.len() + piece.len() > limit {
            return Err(BodyError::TooLarge);
        }
        // A body in one piece, nearly every one, is handed on without a copy.
        if first.is_empty() && rest.is_empty() {
            first = piece;
        } else {
            rest.extend_from_slice(&std::mem::take(&mut first));
            rest.extend_from_slice(&piece);
        }
        if body.is_end_stream() {
            break;
        }
    }
    Ok(if rest.is_empty() { first } else { rest.freeze() })
}

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is longer than allowed (413).
    #[error("the body is too large")]
    TooLarge,
    /// It did not arrive in time (408).
    #[error("the body did not arrive in time")]
    Slow,
    /// The connection or its framing broke (400).
    #[error("the body broke off")]
    Broken,
}

/// Decodes `application/x-www-form-urlencoded` pairs in their order, repeated names included.
pub fn form(bytes: &[u8]) -> Result<Vec<(String, String)>, FormError> {
    let mut pairs = Vec::new();
    for pair in bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        if pairs.len() == MOST_PAIRS {
            return Err(FormError::TooMany);
        }
        let cut = pair.iter().position(|byte| *byte == b'=');
        let (name, value) = match cut {
            Some(cut) => (&pair[..cut], &pair[cut + 1..]),
            None => (pair, &[][..]),
        };
        pairs.push((form_decoded(name)?, form_decoded(value)?));
    }
    Ok(pairs)
}

/// Decodes one name or value of a form. The `form_urlencoded` crate replaces bad UTF-8; here it is an error.
pub(crate) fn form_decoded(bytes: &[u8]) -> Result<String, FormError> {
    let spaced: Cow<'_, [u8]> = match bytes.contains(&b'+') {
        true => bytes.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect(),
        false => bytes.into(),
    };
    let decoded = Cow::<[u8]>::from(percent_decode(&spaced)).into_owned();
    if decoded.contains(&0) {
        return Err(FormError::Nul);
    }
    String::from_utf8(decoded).map_err(|_| FormError::NotUtf8)
}

/// Why bytes are not a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// A name or value is not UTF-8.
    #[error("the form is not UTF-8")]
    NotUtf8,
    /// A name or value contains NUL.
    #[error("the form contains a NUL byte")]
    Nul,
    /// There are more pairs than any form has.
    #[error("the form has too many parameters")]
    TooMany,
}

/// Turns pairs into a map, as RFC 6749 §3.2 wants it: no parameter more than once.
pub fn unique(pairs: Vec<(String, String)>) -> Result<BTreeMap<String, String>, Duplicate> {
    let mut map = BTreeMap::new();
    for (name, value) in pairs {
        if map.contains_key(&name) {
            return Err(Duplicate(name));
        }
        map.insert(name, value);
    }
    Ok(map)
}

/// The name of a parameter that was given more than once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the parameter {0:?} is given more than once")]
pub struct Duplicate(pub String);

const MOST_PAIRS: usize = 1000;
