//! Password hashing: Argon2id on a few blocking threads.
//!
//! A hash costs 19 MiB and some 20 ms of one core, so a flood of sign-ins must neither occupy the threads that serve
//! other requests nor pile up memory: at most `slots` hashes run at once, the rest wait in order, and a waiting hash takes
//! over the memory of the one that ends. When nobody waits the memory goes back to the system.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rand::RngCore;
use subtle::ConstantTimeEq;
use syfthub_core::Secret;
use tokio::sync::Semaphore;

/// Memory of one hash in KiB (OWASP's first recommendation for Argon2id).
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// Blocks a buffer reserves. Only the first 19 MiB are ever touched, but glibc gives a freed block of more than 32 MiB
/// back to the system at once, while a smaller one raises its threshold and stays resident in the arena of the thread.
const RESERVED_BLOCKS: usize = 33 * 1024;

/// Hashes and checks passwords, a bounded number at a time.
#[derive(Clone)]
pub(crate) struct Passwords(Arc<Pool>);

struct Pool {
    slots: Semaphore,
    queued: AtomicUsize,
    spare: Mutex<Vec<Vec<Block>>>,
    /// A hash nobody knows the password of: checked for unknown users, so that they take as long as known ones.
    decoy: String,
}

impl Passwords {
    /// A pool that runs at most `slots` hashes at once.
    pub(crate) fn new(slots: usize) -> Self {
        let mut unknowable = [0; HASH_BYTES];
        rand::rng().fill_bytes(&mut unknowable);
        Self(Arc::new(Pool {
            slots: Semaphore::new(slots.max(1)),
            queued: AtomicUsize::new(0),
            spare: Mutex::new(Vec::new()),
            decoy: phc(&random_salt(), &unknowable),
        }))
    }

    /// The PHC string of `password` under a fresh salt.
    pub(crate) async fn hash(&self, password: &Secret) -> String {
        let password = password.clone();
        self.run(move |memory| {
            let salt = random_salt();
            let digest = argon2id(password.expose().as_bytes(), &salt, &ours(), memory);
            phc(&salt, &digest)
        })
        .await
    }

    /// Whether `password` is the one behind `stored`; without `stored` the answer is no, after the same work.
    pub(crate) async fn matches(&self, password: &Secret, stored: Option<&str>) -> bool {
        let known = stored.is_some();
        let stored = stored.unwrap_or(&self.0.decoy).to_owned();
        let password = password.clone();
        known & self.run(move |memory| check(&password, &stored, memory)).await
    }

    /// Runs `job` with a hash's memory once a slot is free. A caller who goes away does not free the slot early.
    async fn run<T, F>(&self, job: F) -> T
    where
        T: Send + 'static,
        F: FnOnce(&mut Vec<Block>) -> T + Send + 'static,
    {
        let pool = Arc::clone(&self.0);
        let waiting = Waiting::new(&pool);
        let slot = pool.slots.acquire().await.expect("the semaphore is never closed");
        slot.forget(); // given back by `Slot` on the blocking thread
        let slot = Slot(Arc::clone(&pool));
        drop(waiting);
        let work = tokio::task::spawn_blocking(move || {
            let mut memory = slot.0.take_memory();
            let result = job(&mut memory);
            slot.0.give_memory(memory);
            result
        });
        work.await.expect("hashing does not panic and is never aborted")
    }
}

impl Pool {
    fn take_memory(&self) -> Vec<Block> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Keeps the memory for those who wait; frees it, and all spare memory, when nobody does.
    fn give_memory(&self, memory: Vec<Block>) {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        if self.queued.load(Ordering::Relaxed) > 0 {
            spare.push(memory);
        } else {
            spare.clear();
        }
    }
}

/// One caller in the queue, also when it gives up.
struct Waiting<'a>(&'a Pool);

impl<'a> Waiting<'a> {
    fn new(pool: &'a Pool) -> Self {
        pool.queued.fetch_add(1, Ordering::Relaxed);
        Self(pool)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.queued.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A slot in use; dropping it lets the next caller in.
struct Slot(Arc<Pool>);

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.slots.add_permits(1);
    }
}

fn ours() -> Params {
    Params::new(MEMORY_KIB, PASSES, LANES, Some(HASH_BYTES)).expect("the constants are in range")
}

fn random_salt() -> [u8; SALT_BYTES] {
    let mut salt = [0; SALT_BYTES];
    rand::rng().fill_bytes(&mut salt);
    salt
}

fn argon2id(password: &[u8], salt: &[u8], params: &Params, memory: &mut Vec<Block>) -> Vec<u8> {
    let blocks = params.block_count();
    if memory.capacity() < blocks {
        *memory = Vec::with_capacity(blocks.max(RESERVED_BLOCKS));
    }
    if memory.len() < blocks {
        memory.resize(blocks, Block::new());
    }
    let mut digest = vec![0; params.output_len().unwrap_or(HASH_BYTES)];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
        .hash_password_into_with_memory(password, salt, &mut digest, &mut memory[..blocks])
        .expect("salt and output have lengths the parameters allow");
    digest
}

fn phc(salt: &[u8], digest: &[u8]) -> String {
    let (salt, digest) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(digest));
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${digest}")
}

/// Compares under the parameters that `stored` names, so that they can be raised without locking anyone out.
fn check(password: &Secret, stored: &str, memory: &mut Vec<Block>) -> bool {
    let Ok(stored) = PasswordHash::new(stored) else { return false };
    let (Some(salt), Some(digest), Ok(params)) =
        (stored.salt, stored.hash, Params::try_from(&stored))
    else {
        return false;
    };
    if stored.algorithm.as_str() != "argon2id" || salt.len() < argon2::MIN_SALT_LEN {
        return false;
    }
    argon2id(password.expose().as_bytes(), &salt, &params, memory).ct_eq(digest.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::from(text.to_owned())
    }

    #[tokio::test]
    async fn a_password_matches_its_own_hash_and_no_other() {
        let passwords = Passwords::new(2);
        let stored = passwords.hash(&secret("correct horse 1")).await;
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(passwords.matches(&secret("correct horse 1"), Some(&stored)).await);
        assert!(!passwords.matches(&secret("correct horse 2"), Some(&stored)).await);
    }

    #[tokio::test]
    async fn two_hashes_of_one_password_differ() {
        let passwords = Passwords::new(2);
        let password = secret("correct horse 1");
        assert_ne!(passwords.hash(&password).await, passwords.hash(&password).await);
    }

    #[tokio::test]
    async fn nothing_matches_an_unknown_user_or_a_broken_hash() {
        let passwords = Passwords::new(1);
        assert!(!passwords.matches(&secret("anything 1"), None).await);
        assert!(!passwords.matches(&secret("anything 1"), Some("")).await);
        assert!(
            !passwords
                .matches(&secret("anything 1"), Some("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$"))
                .await
        );
    }

    #[tokio::test]
    async fn hashes_with_other_parameters_still_verify() {
        let mut memory = Vec::new();
        let small = Params::new(64, 1, 1, Some(HASH_BYTES)).unwrap();
        let digest = argon2id(b"old password 1", b"0123456789abcdef", &small, &mut memory);
        let encode = |bytes: &[u8]| STANDARD_NO_PAD.encode(bytes);
        let stored = format!(
            "$argon2id$v=19$m=64,t=1,p=1${}${}",
            encode(b"0123456789abcdef"),
            encode(&digest)
        );
        assert!(Passwords::new(1).matches(&secret("old password 1"), Some(&stored)).await);
    }

    #[tokio::test]
    async fn memory_is_freed_when_nobody_waits() {
        let passwords = Passwords::new(1);
        let jobs = (0..3).map(|n| {
            let passwords = passwords.clone();
            tokio::spawn(async move { passwords.hash(&secret(&format!("password {n}"))).await })
        });
        for job in jobs.collect::<Vec<_>>() {
            job.await.unwrap();
        }
        assert_eq!(passwords.0.queued.load(Ordering::Relaxed), 0);
        assert!(passwords.0.spare.lock().unwrap().is_empty());
    }
}
