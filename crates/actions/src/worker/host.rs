//! What scripts and the JavaScript library have from outside the language. None of it reaches beyond the run.

use std::rc::Rc;

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rquickjs::{
    Ctx, Exception, Function, Object, Result, Value,
    function::{Opt, Rest},
};
use url::{Url, quirks};

use super::{library, recorder::Recorder, time::Clocks};

/// Makes the object that the library is given.
pub fn object<'js>(ctx: &Ctx<'js>, recorder: &Rc<Recorder>, clocks: &Rc<Clocks>) -> Result<Object<'js>> {
    let host = Object::new(ctx.clone())?;
    let log = recorder.clone();
    host.set("log", Function::new(ctx.clone(), move |line: String| log.log(&line))?)?;
    let calls = recorder.clone();
    let noted =
        move |ctx: Ctx<'js>, name: String, arguments: Rest<Value<'js>>| call(&ctx, &calls, name, arguments.0);
    host.set("call", Function::new(ctx.clone(), noted)?)?;
    let clocks = clocks.clone();
    host.set("elapsed", Function::new(ctx.clone(), move || clocks.elapsed().as_secs_f64() * 1e3)?)?;
    host.set("library", Function::new(ctx.clone(), part)?)?;
    host.set("hs256", Function::new(ctx.clone(), hs256)?)?;
    host.set("isHs256", Function::new(ctx.clone(), is_hs256)?)?;
    host.set("uuid", Function::new(ctx.clone(), || uuid::Uuid::new_v4().to_string())?)?;
    host.set("url", Function::new(ctx.clone(), url)?)?;
    host.set("urlPart", Function::new(ctx.clone(), url_part)?)?;
    host.set("urlWith", Function::new(ctx.clone(), url_with)?)?;
    Ok(host)
}

/// Makes `api` and its groups: their functions, named `group.function`, only note that they were called, but for those that
/// the library adds. Nothing of it is frozen yet.
pub fn api<'js>(
    ctx: &Ctx<'js>,
    recorder: &Rc<Recorder>,
    words: &[String],
) -> Result<(Object<'js>, Vec<Object<'js>>)> {
    let api = Object::new(ctx.clone())?;
    api.set_prototype(None)?;
    let mut groups: Vec<(&str, Object)> = Vec::new();
    for word in words {
        let (group, function) = word.split_once('.').unwrap_or(("", word));
        let group = match groups.iter().find(|(name, _)| *name == group) {
            Some((_, group)) => group,
            None => {
                let made = Object::new(ctx.clone())?;
                api.set(group, made.clone())?;
                &groups.push_mut((group, made)).1
            }
        };
        if library::ANSWERED.contains(&word.as_str()) {
            continue;
        }
        let (calls, word) = (recorder.clone(), word.clone());
        let noted = move |ctx: Ctx<'js>, arguments: Rest<Value<'js>>| {
            call(&ctx, &calls, word.clone(), arguments.0)?;
            Ok::<_, rquickjs::Error>(ctx.userdata::<Object>().map(|api| api.clone()))
        };
        group.set(function, Function::new(ctx.clone(), noted)?)?;
    }
    // Each function gives it back; held by them, it would hold itself.
    let _ = ctx.store_userdata(api.clone());
    Ok((api, groups.into_iter().map(|(_, group)| group).collect()))
}

fn call<'js>(ctx: &Ctx<'js>, calls: &Recorder, name: String, arguments: Vec<Value<'js>>) -> Result<()> {
    let text = |argument| match ctx.json_stringify(argument)? {
        Some(text) => text.to_string(),
        None => Ok("null".to_owned()),
    };
    let arguments = arguments.into_iter().map(text).collect::<Result<_>>()?;
    calls.call(name, arguments).map_err(|why| Exception::throw_range(ctx, why))
}

/// A part of the library, as a function that makes it.
fn part<'js>(ctx: Ctx<'js>, name: String) -> Result<Value<'js>> {
    match library::source(&name) {
        Some(source) => super::engine::evaluate(&ctx, source, &format!("{}{name}", super::engine::OURS)),
        None => Err(Exception::throw_internal(&ctx, "no such part")),
    }
}

/// What proves with a secret that a text is unchanged, as letters (RFC 7515).
fn hs256(secret: String, text: String) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), text.as_bytes());
    URL_SAFE_NO_PAD.encode(tag)
}

/// Whether these letters prove it; it takes as long if not.
fn is_hs256(secret: String, text: String, proof: String) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let proof = URL_SAFE_NO_PAD.decode(proof).unwrap_or_default();
    hmac::verify(&key, text.as_bytes(), &proof).is_ok()
}

/// A URL in its normal form, or nothing.
fn url(href: String, base: Opt<Option<String>>) -> Option<String> {
    let base = base.0.flatten().map(|base| Url::parse(&base)).transpose().ok()?;
    Some(Url::options().base_url(base.as_ref()).parse(&href).ok()?.into())
}

fn url_part(href: String, part: String) -> Option<String> {
    let url = Url::parse(&href).ok()?;
    Some(match part.as_str() {
        "origin" => quirks::origin(&url),
        "protocol" => quirks::protocol(&url).to_owned(),
        "username" => quirks::username(&url).to_owned(),
        "password" => quirks::password(&url).to_owned(),
        "host" => quirks::host(&url).to_owned(),
        "hostname" => quirks::hostname(&url).to_owned(),
        "port" => quirks::port(&url).to_owned(),
        "pathname" => quirks::pathname(&url).to_owned(),
        "search" => quirks::search(&url).to_owned(),
        "hash" => quirks::hash(&url).to_owned(),
        _ => return None,
    })
}

/// The URL with another part; one that does not fit changes nothing.
fn url_with(href: String, part: String, value: String) -> Option<String> {
    let mut url = Url::parse(&href).ok()?;
    let _ = match part.as_str() {
        "protocol" => quirks::set_protocol(&mut url, &value),
        "username" => quirks::set_username(&mut url, &value),
        "password" => quirks::set_password(&mut url, &value),
        "host" => quirks::set_host(&mut url, &value),
        "hostname" => quirks::set_hostname(&mut url, &value),
        "port" => quirks::set_port(&mut url, &value),
        "pathname" => {
            quirks::set_pathname(&mut url, &value);
            Ok(())
        }
        "search" => {
            quirks::set_search(&mut url, &value);
            Ok(())
        }
        "hash" => {
            quirks::set_hash(&mut url, &value);
            Ok(())
        }
        _ => Err(()),
    };
    Some(url.into())
}
