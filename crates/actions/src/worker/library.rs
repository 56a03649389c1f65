//! What scripts find beside the language: written in JavaScript, read when it is first asked for.

/// The source of a part by its name.
pub fn source(name: &str) -> Option<&'static str> {
    Some(match name {
        "text" => include_str!("js/text.js"),
        "buffer" => include_str!("js/buffer.js"),
        "url" => include_str!("js/url.js"),
        "clone" => include_str!("js/clone.js"),
        "crypto" => include_str!("js/crypto.js"),
        "util" => include_str!("js/util.js"),
        _ => return None,
    })
}

/// What every script has from the start.
pub const START: &str = include_str!("js/start.js");
