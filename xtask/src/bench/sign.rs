//! How fast this machine signs when it does nothing else: the ceiling over every token endpoint.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};

/// A kind of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Rsa2048,
    P256,
}

impl Key {
    pub const ALL: [Key; 2] = [Key::Rsa2048, Key::P256];

    pub fn name(self) -> &'static str {
        match self {
            Key::Rsa2048 => "RSA-2048",
            Key::P256 => "P-256",
        }
    }
}

/// Signatures per second with one thread on each core.
pub fn rate(key: Key, duration: Duration) -> Result<f64> {
    match key {
        Key::Rsa2048 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048)?;
            on_all_cores(duration, || {
                let mut signature = [0; 256];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), MESSAGE, &mut signature)?;
                Ok(())
            })
        }
        Key::P256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
            on_all_cores(duration, || {
                pair.sign(&SystemRandom::new(), MESSAGE)?;
                Ok(())
            })
        }
    }
}

/// As long as the header and payload of a usual token.
const MESSAGE: &[u8] = &[b'x'; 500];

/// How often something is done in a second with one thread on each core.
pub fn on_all_cores(duration: Duration, sign: impl Fn() -> Result<()> + Sync) -> Result<f64> {
    let cores = std::thread::available_parallelism()?.get();
    let count = || -> Result<f64> {
        let (begun, mut signed) = (Instant::now(), 0.0);
        while begun.elapsed() < duration {
            sign()?;
            signed += 1.0;
        }
        Ok(signed / begun.elapsed().as_secs_f64())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(count)).collect();
        let mut total = 0.0;
        for thread in threads {
            total += thread.join().ok().context("a signing thread does not panic")??;
        }
        Ok(total)
    })
}
