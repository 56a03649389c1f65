//! What scripts find beside the language: written in JavaScript, in parts that are read when a script first touches them.

/// The source of a part by its name.
pub fn source(name: &str) -> Option<&'static str> {
    Some(match name {
        "buffer" => include_str!("js/buffer.js"),
        "cache" => include_str!("js/cache.js"),
        "callback" => include_str!("js/callback.js"),
        "clone" => include_str!("js/clone.js"),
        "console" => include_str!("js/console.js"),
        "crypto" => include_str!("js/crypto.js"),
        "fetch" => include_str!("js/fetch.js"),
        "login" => include_str!("js/login.js"),
        "require" => include_str!("js/require.js"),
        "text" => include_str!("js/text.js"),
        "timers" => include_str!("js/timers.js"),
        "url" => include_str!("js/url.js"),
        "util" => include_str!("js/util.js"),
        _ => return None,
    })
}

/// What lets a script find the parts.
pub const START: &str = include_str!("js/start.js");

/// The functions of `api` that answer something: from what the script was given, by the part `login`.
pub const ANSWERED: [&str; 4] =
    ["redirect.canRedirect", "redirect.encodeToken", "redirect.validateToken", "rules.wasExecuted"];

/// The globals that there are, each with the part that makes it.
const GLOBALS: [(&str, &str); 17] = [
    ("Buffer", "buffer"),
    ("TextDecoder", "text"),
    ("TextEncoder", "text"),
    ("URL", "url"),
    ("URLSearchParams", "url"),
    ("atob", "text"),
    ("btoa", "text"),
    ("clearImmediate", "timers"),
    ("clearInterval", "timers"),
    ("clearTimeout", "timers"),
    ("console", "console"),
    ("crypto", "crypto"),
    ("fetch", "fetch"),
    ("setImmediate", "timers"),
    ("setInterval", "timers"),
    ("setTimeout", "timers"),
    ("structuredClone", "clone"),
];

/// The globals that a script may touch: those that it names. Code that is made at run time may name any.
pub fn globals(code: &str) -> Vec<(&'static str, &'static str)> {
    let makes_code = names(code, &MAKES_CODE);
    GLOBALS.into_iter().filter(|(name, _)| makes_code || code.contains(name)).collect()
}

/// What makes code at run time, or finds globals without naming them.
const MAKES_CODE: [&str; 4] = ["eval", "Function", "global", "\\u"];

/// Parts of the language that are made only for scripts that may touch them: what the names of their globals end with.
pub const RARE: [&str; 16] = [
    "8Array",
    "16Array",
    "32Array",
    "64Array",
    "ClampedArray",
    "Atomics",
    "Buffer",
    "DOMException",
    "DataView",
    "FinalizationRegistry",
    "Map",
    "Proxy",
    "Reflect",
    "Set",
    "WeakRef",
    "performance",
];

/// Whether a script may touch a rarer part of the language. It may also come to it by `this` or by a constructor.
pub fn reaches_rare(code: &str) -> bool {
    names(code, &RARE) || names(code, &MAKES_CODE) || names(code, &["this", "constructor"])
}

fn names(code: &str, words: &[&str]) -> bool {
    words.iter().any(|word| code.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_modules_that_are_told_of_are_those_that_are_found() {
        let list = crate::MODULES.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
        assert!(source("require").is_some_and(|code| code.contains(&format!("modules = [{list}];"))));
    }

    #[test]
    fn each_global_has_a_part_and_is_found_where_it_is_named() {
        assert!(GLOBALS.iter().all(|(_, part)| source(part).is_some()));
        assert_eq!(globals("console.log(new URL('x'))").len(), 2);
        assert!(globals("exports.a = () => {}").is_empty());
        assert_eq!(globals("globalThis['set' + 'Timeout']").len(), GLOBALS.len());
    }

    #[test]
    fn a_typical_script_does_without_the_rare_parts() {
        let typical =
            "exports.on = async (event, api) => { if (/^a/.test(event.client.name) && new Date() > 0)
            api.accessToken.setCustomClaim('a', [...Object.keys(event)].map(String)); };";
        assert!(!reaches_rare(typical));
        for rare in ["new Map()", "Uint8Array.of(1)", "this['M' + 'ap']", "(() => 0).constructor('…')"] {
            assert!(reaches_rare(rare), "{rare}");
        }
    }
}
