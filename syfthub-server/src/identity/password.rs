//! Password hashing: Argon2id, on threads that leave other requests alone (`workers`).

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rand::RngCore;
use subtle::ConstantTimeEq;
use syfthub_core::Secret;

use super::workers::{self, Busy, Workers};

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
pub(crate) struct Passwords {
    workers: Workers,
    /// A hash nobody knows the password of: checked for unknown users, so that they take as long as known ones.
    decoy: String,
}

impl Passwords {
    /// Hashes `slots` passwords at once, for which at most `queue` callers wait.
    pub(crate) fn new(slots: usize, queue: usize) -> Self {
        let mut unknowable = [0; HASH_BYTES];
        rand::rng().fill_bytes(&mut unknowable);
        let decoy = phc(&random_salt(), &unknowable);
        Self { workers: Workers::start(slots, queue), decoy }
    }

    /// Waits for the turn to hash or check one password.
    ///
    /// # Errors
    /// When too many wait already.
    pub(crate) async fn turn(&self) -> Result<Turn<'_>, Busy> {
        Ok(Turn { turn: self.workers.turn().await?, decoy: &self.decoy })
    }

    /// The PHC string of `password` under a fresh salt.
    ///
    /// # Errors
    /// As [`Passwords::turn`].
    pub(crate) async fn hash(&self, password: &Secret) -> Result<String, Busy> {
        let turn = self.workers.turn().await?;
        let password = password.clone();
        let hash = turn.run(move |memory| {
            let salt = random_salt();
            let digest = argon2id(password.expose().as_bytes(), &salt, &ours(), memory);
            phc(&salt, &digest)
        });
        Ok(hash.await)
    }

    /// [`Turn::matches`] when it is this caller's turn.
    ///
    /// # Errors
    /// As [`Passwords::turn`].
    pub(crate) async fn matches(
        &self,
        password: &Secret,
        stored: Option<&str>,
    ) -> Result<bool, Busy> {
        Ok(self.turn().await?.matches(password, stored).await)
    }
}

/// The turn to check one password.
pub(crate) struct Turn<'p> {
    turn: workers::Turn<'p>,
    decoy: &'p str,
}

impl Turn<'_> {
    /// Whether others were checked while this caller waited.
    pub(crate) fn has_waited(&self) -> bool {
        self.turn.has_waited()
    }

    /// Whether `password` is the one behind `stored`; without `stored` the answer is no, after the same work.
    pub(crate) async fn matches(self, password: &Secret, stored: Option<&str>) -> bool {
        let known = stored.is_some();
        let stored = stored.unwrap_or(self.decoy).to_owned();
        let password = password.clone();
        known & self.turn.run(move |memory| check(&password, &stored, memory)).await
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
        let passwords = Passwords::new(2, 9);
        let stored = passwords.hash(&secret("correct horse 1")).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(passwords.matches(&secret("correct horse 1"), Some(&stored)).await.unwrap());
        assert!(!passwords.matches(&secret("correct horse 2"), Some(&stored)).await.unwrap());
    }

    #[tokio::test]
    async fn two_hashes_of_one_password_differ() {
        let passwords = Passwords::new(2, 9);
        let password = secret("correct horse 1");
        assert_ne!(
            passwords.hash(&password).await.unwrap(),
            passwords.hash(&password).await.unwrap()
        );
    }

    #[tokio::test]
    async fn nothing_matches_an_unknown_user_or_a_broken_hash() {
        let passwords = Passwords::new(1, 9);
        assert!(!passwords.matches(&secret("anything 1"), None).await.unwrap());
        assert!(!passwords.matches(&secret("anything 1"), Some("")).await.unwrap());
        assert!(
            !passwords
                .matches(&secret("anything 1"), Some("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$"))
                .await
                .unwrap()
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
        assert!(
            Passwords::new(1, 9).matches(&secret("old password 1"), Some(&stored)).await.unwrap()
        );
    }
}
