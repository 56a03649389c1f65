//! The form that the token endpoint takes.

#![no_main]

use fuzz::{Scene, is_answered};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: { Scene::get(); }, |body: &[u8]| {
    let scene = Scene::get();
    is_answered(&scene.asks("application/x-www-form-urlencoded", body.to_vec()));
});
