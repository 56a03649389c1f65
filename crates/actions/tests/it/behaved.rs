//! What a script can count on.

use actions::{Entry, Failure, Input, Kept, Script};
use serde_json::{Value, json};

use crate::support::{LIMIT, action, body, input, out, run, sandbox};

#[tokio::test]
async fn a_script_sees_the_event_and_what_it_calls_is_told() {
    let run = run(&body(
        "console.log('seen', event); if (api.accessToken.setCustomClaim('n', event.n + 1) !== api) throw 0;",
    ))
    .await;
    assert_eq!(run.outcome, Ok(Value::Null));
    assert_eq!(run.calls[0].name, "accessToken.setCustomClaim");
    assert_eq!(run.calls[0].arguments, [json!("n"), json!(2)]);
    assert_eq!(run.logs, ["seen { n: 1 }"]);
}

#[tokio::test]
async fn promises_and_timers_are_waited_for() {
    let sleep = "const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));";
    let code = format!(
        "{sleep} const began = Date.now(); await Promise.all([sleep(30), sleep(20), sleep(10)]); \
        api.accessToken.setCustomClaim('out', Date.now() - began >= 29);"
    );
    assert_eq!(out(&code).await, true);
}

#[tokio::test]
async fn what_is_thrown_is_told_with_the_line_of_the_author() {
    let failed = run(&body("\n\n  throw new TypeError('no');")).await.outcome.unwrap_err();
    let Failure::Threw(thrown) = failed else { panic!("{failed:?}") };
    assert_eq!((thrown.name.as_str(), thrown.message.as_str()), ("TypeError", "no"));
    assert!(thrown.stack.contains("action.js:3"), "{}", thrown.stack);
    for code in
        ["throw 'a text';", "throw { a: 1 };", "throw null;", "throw undefined;", "await Promise.reject();"]
    {
        assert!(run(&body(code)).await.outcome.is_err(), "{code}");
    }
}

#[tokio::test]
async fn the_console_is_kept_in_bounds() {
    let kept =
        run(&body("console.log('x'.repeat(1e6)); console.error('%s is %d', 'a', 1, { b: [null] });")).await;
    assert_eq!(kept.logs[0].len(), 256);
    assert_eq!(kept.logs[1], "a is 1 { b: [ null ] }");
    let many = run(&body("for (let i = 0; i < 1e4; i += 1) console.log(i);")).await;
    assert_eq!(many.logs.len(), 101);
    assert_eq!(many.logs[100], "(9900 more lines)");
}

#[tokio::test]
async fn what_is_kept_comes_back_and_is_bounded() {
    let code = "api.accessToken.setCustomClaim('out', [
        api.cache.get('before').value, api.cache.get('other') === undefined, api.cache.get('ended') === undefined,
        api.cache.set('k', 'v').type, api.cache.get('k').value, api.cache.delete('k').type, api.cache.delete('k').code,
        api.cache.set('k'.repeat(65), 'v').code, api.cache.set('k', 'ü'.repeat(2049)).code, api.cache.set('k', 7).code,
        api.cache.set('k', 'v', { ttl: -1 }).code,
        [1, 2, 3].map((n) => api.cache.set('big' + n, 'x'.repeat(4000)).code ?? 'ok').join(),
    ]);";
    let kept = [("before", i64::MAX >> 11), ("ended", 1)];
    let kept = kept.map(|(key, expires_at)| Kept { key: key.into(), value: "v".into(), expires_at }).to_vec();
    let input = Input { kept, ..input(json!({})) };
    let run = sandbox().run("tenant", &body(code), input, LIMIT).await;
    let out = run.calls.iter().find(|call| call.name.starts_with("access")).unwrap();
    let expected = json!([
        "v",
        true,
        true,
        "success",
        "v",
        "success",
        "NotFound",
        "KeySizeExceeded",
        "ValueSizeExceeded",
        "InvalidArgument",
        "ItemAlreadyExpired",
        "ok,ok,CacheSizeExceeded"
    ]);
    assert_eq!(out.arguments[1], expected);
    let names: Vec<_> = run.calls.iter().map(|call| call.name.as_str()).collect();
    assert_eq!(names, ["cache.set", "cache.delete", "cache.set", "cache.set", "accessToken.setCustomClaim"]);
}

#[tokio::test]
async fn what_node_has_and_actions_use_is_there() {
    for (code, expected) in [
        ("Buffer.from('grün').toString('base64')", json!("Z3LDvG4=")),
        ("Buffer.from('Z3LDvG4', 'base64url').toString()", json!("grün")),
        ("Buffer.concat([Buffer.from('00ff', 'hex'), Buffer.alloc(1, 7)]).toString('hex')", json!("00ff07")),
        ("new TextDecoder().decode(new TextEncoder().encode('a\u{1F511}'))", json!("a\u{1F511}")),
        ("new TextDecoder().decode(Uint8Array.of(0x61, 0xff, 0xe2, 0x82))", json!("a\u{fffd}\u{fffd}")),
        ("atob(btoa('\\xffa'))", json!("\u{ff}a")),
        ("/^[0-9a-f]{8}-[0-9a-f]{4}-4/.test(crypto.randomUUID())", json!(true)),
        ("crypto.getRandomValues(new Uint8Array(10)).length", json!(10)),
        ("require('node:crypto').randomBytes(5).length", json!(5)),
        ("require('crypto').randomInt(5, 6)", json!(5)),
        ("new URL('../b?x=1#h', 'https://a.example/c/d').href", json!("https://a.example/b?x=1#h")),
        (
            "(() => { const u = new URL('https://a/?b=1'); u.searchParams.set('c', 'd e'); u.port = 8; return u.href })()",
            json!("https://a:8/?b=1&c=d+e"),
        ),
        ("[...new URLSearchParams('a=1&b=%C3%BC&a=3').getAll('a')]", json!(["1", "3"])),
        ("URL.canParse('nothing')", json!(false)),
        (
            "structuredClone(new Map([[1, { a: new Date(0) }]])).get(1).a.toISOString()",
            json!("1970-01-01T00:00:00.000Z"),
        ),
        ("require('util').format('%j', [1])", json!("[1]")),
        ("typeof globalThis['M' + 'ap'] + typeof Reflect", json!("functionobject")),
        ("[...new Set([1, 1])].length", json!(1)),
        ("typeof setInterval + typeof clearTimeout + typeof global", json!("functionfunctionobject")),
        (
            "await fetch('https://a.example').catch((error) => error.message)",
            json!("fetch is not available: Actions here have no network"),
        ),
        (
            "(() => { try { require('lodash') } catch (error) { return error.message } })()",
            json!("Cannot find module 'lodash'. There are: buffer, crypto, url, util"),
        ),
    ] {
        assert_eq!(out(&format!("api.accessToken.setCustomClaim('out', {code});")).await, expected, "{code}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_script_is_found_when_it_is_loaded() {
    let sandbox = sandbox();
    let check = async |code: &str| match sandbox.check("tenant", &action(code), LIMIT).await {
        Ok(()) => String::new(),
        Err(failure) => format!("{}: {}", failure.name(), failure.message()),
    };
    assert_eq!(check("exports.onExecute = async () => {};").await, "");
    assert!(check("exports.onExecute = async () => {").await.starts_with("SyntaxError: "));
    assert_eq!(check("const a = 1;").await, "TypeError: The script has no exports.onExecute");
    assert_eq!(check("module.exports = null;").await, "TypeError: The script has no exports.onExecute");
    let module = check("require('axios'); exports.onExecute = () => {};").await;
    assert_eq!(module, "Error: Cannot find module 'axios'. There are: buffer, crypto, url, util");
    assert!(check("\0").await.starts_with("Error: "));
    assert_eq!(check("while (true) {}").await, "ProcessorLimitError: the script used up its processor time");
}

#[tokio::test]
async fn a_callback_script_gives_what_it_calls_back() {
    let errors = vec!["InvalidScopeError".to_owned()];
    let script = |code: &str| Script::new(code, Entry::Callback { errors: errors.clone() });
    let run = async |code: &str| {
        let input = input(json!(["client", ["read"], "api", {}]));
        sandbox().run("tenant", &script(code), input, LIMIT).await.outcome
    };
    let code = "module.exports = (client, scope, audience, context, cb) => cb(null, { scope, audience });";
    assert_eq!(run(code).await, Ok(json!({ "scope": ["read"], "audience": "api" })));
    let code = "module.exports = (client, scope, audience, context, cb) => cb(new InvalidScopeError('no'));";
    let failure = run(code).await.unwrap_err();
    assert_eq!((failure.name(), failure.message()), ("InvalidScopeError", "no".to_owned()));
    assert_eq!(run("module.exports = () => {};").await, Err(Failure::Stalled));
    assert!(run("module.exports = async () => { throw new Error('x') };").await.is_err());
}

#[tokio::test]
async fn tokens_for_where_somebody_is_sent_are_signed_and_those_that_come_back_are_checked() {
    let api =
        ["accessToken.setCustomClaim", "redirect.sendUserTo", "redirect.encodeToken", "redirect.canRedirect"];
    let api = api.iter().chain(&["redirect.validateToken", "rules.wasExecuted"]);
    let api: Vec<String> = api.map(|word| (*word).to_owned()).collect();
    let tried = async |body: &str, parameters: Value| {
        let code = format!("exports.onExecute = async (event, api) => {{ {body} }};");
        let script = Script::new(code, Entry::Export { handler: "onExecute".into(), api: api.clone() });
        let given = json!({
            "canRedirect": true, "rules": ["rul_1"], "iss": "a.example", "sub": "auth0|a", "ip": "::1",
            "parameters": parameters,
        });
        let given = Some(serde_json::value::to_raw_value(&given).unwrap());
        let input = Input { given, now: 1_000_000, ..input(json!({})) };
        sandbox().run("tenant", &script, input, LIMIT).await
    };
    let code =
        "api.accessToken.setCustomClaim('out', [api.redirect.canRedirect(), api.rules.wasExecuted('rul_1'),
        api.rules.wasExecuted('rul_2'), Object.isFrozen(api.redirect), typeof api.redirect.sendUserTo,
        api.redirect.encodeToken({ secret: 's', payload: { a: 1, sub: 'x' }, expiresInSeconds: 60 })])";
    let run = tried(code, json!({})).await;
    let out = run.calls[0].arguments[1].clone();
    let token = out[5].as_str().unwrap().to_owned();
    assert_eq!(
        out.as_array().unwrap()[..5],
        [json!(true), json!(true), json!(false), json!(true), json!("function")]
    );
    // By another implementation: HMAC-SHA256 with the key `s`.
    assert_eq!(token, SIGNED);

    let validate = "api.accessToken.setCustomClaim('out', api.redirect.validateToken({ secret: 's' }))";
    let fine = tried(validate, json!({ "session_token": RETURNED, "state": "abc" })).await;
    assert_eq!(fine.calls[0].arguments[1]["state"], "abc", "{:?}", fine.outcome);
    let (signed, proof) = RETURNED.rsplit_once('.').unwrap();
    for (parameters, says) in [
        (json!({}), "no parameter"),
        (json!({ "session_token": RETURNED }), "another state"),
        (json!({ "session_token": RETURNED, "state": "abd" }), "another state"),
        (json!({ "session_token": SIGNED, "state": "abc" }), "another state"),
        (json!({ "session_token": format!("{signed}."), "state": "abc" }), "signature is wrong"),
        (
            json!({ "session_token": format!("{signed}.{}", proof.to_lowercase()), "state": "abc" }),
            "signature is wrong",
        ),
        (json!({ "session_token": "eyJhbGciOiJub25lIn0.e30.", "state": "abc" }), "not signed with HS256"),
        (json!({ "session_token": "a.b", "state": "abc" }), "malformed"),
        (json!({ "session_token": [RETURNED], "state": "abc" }), "no parameter"),
        (json!({ "session_token": "\u{0}.\u{0}.\u{0}", "state": "abc" }), ""),
    ] {
        let run = tried(validate, parameters.clone()).await;
        let failure = run.outcome.expect_err(&parameters.to_string());
        assert!(failure.message().contains(says), "{parameters}: {failure}");
    }
    let other = "api.redirect.validateToken({ secret: 'other' })";
    let run = tried(other, json!({ "session_token": RETURNED, "state": "abc" })).await;
    assert!(run.outcome.unwrap_err().message().contains("signature is wrong"));
    for wrong in [
        "encodeToken({})",
        "encodeToken({ secret: '' })",
        "encodeToken({ secret: 's', expiresInSeconds: -1 })",
    ] {
        assert!(tried(&format!("api.redirect.{wrong}"), json!({})).await.outcome.is_err(), "{wrong}");
    }
}

const SIGNED: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhIjoxLCJzdWIiOiJhdXRoMHxhIiwiaWF0IjoxMDAwLCJpc3MiOiJhLmV4YW1wbGUiLCJleHAiOjEwNjAsImlwIjoiOjoxIn0.bxBl_F-oJCgk-fa6WFq-p-44azcbJeDU0apUqfAgS-E";
const RETURNED: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdGF0ZSI6ImFiYyIsImV4cCI6MjAwMCwieCI6MX0.1HlGiaduDO7hRP97e1ZR_XxT8boR1k6qPbaWmueduCk";
