//! The memory in which passwords are hashed. In a rush it goes from one to the next, so that nobody waits until the system has
//! cleared it anew; when nobody waits, it is given back.

use std::sync::{Mutex, MutexGuard, PoisonError};

use argon2::Block;

/// Lends so many blocks. They hold what was left in them, which a hash overwrites before it reads it.
pub(super) fn lent<T>(
    blocks: usize,
    is_rush: impl FnOnce() -> bool,
    work: impl FnOnce(&mut [Block]) -> T,
) -> T {
    let mut room = kept().pop().unwrap_or_default();
    if room.len() < blocks {
        room.resize(blocks, Block::default());
    }
    let done = work(&mut room[..blocks]);
    match is_rush() {
        true => kept().push(room),
        false => kept().clear(),
    }
    done
}

fn kept() -> MutexGuard<'static, Vec<Vec<Block>>> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// No more than are hashed at once.
static KEPT: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());
