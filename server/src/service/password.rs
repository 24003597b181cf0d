//! Passwords: argon2id off the async threads, few at a time, and the same work for a login that does not exist.

use std::sync::{Arc, OnceLock};

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::error::{Result, internal, invalid_field};
use crate::service::secret;

/// Hashes at most this many passwords at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;

/// The gate through which every password passes.
pub struct Passwords {
    gate: Arc<Semaphore>,
    decoy: Arc<OnceLock<String>>,
}

impl Passwords {
    /// Makes the gate and the hash that unknown logins are checked against.
    ///
    /// # Errors
    /// Only when the system gives no randomness.
    pub fn new() -> Result<Self> {
        let (secret, decoy) = (secret::secret()?, Arc::new(OnceLock::new()));
        let made = decoy.clone();
        // Beside the start, which need not wait for it. Without one an unknown login is refused as a wrong password is, only sooner.
        std::thread::spawn(move || made.set(hash_now(&secret).unwrap_or_default()));
        Ok(Self { gate: Arc::new(Semaphore::new(AT_ONCE)), decoy })
    }

    /// The PHC string of a password.
    ///
    /// # Errors
    /// When it is shorter than 10 or longer than 200 characters.
    pub async fn hash(&self, password: String) -> Result<String> {
        let length = password.chars().count();
        if !(10..=200).contains(&length) {
            return Err(invalid_field("password", "A password has 10 to 200 characters.", "密码长度应为 10 至 200 个字符。"));
        }
        self.run(move || hash_now(&password)).await?
    }

    /// Whether `password` is the one of `phc`; takes as long when there is none.
    ///
    /// # Errors
    /// Only on a defect.
    pub async fn verify(&self, password: String, phc: Option<String>) -> Result<bool> {
        let known = phc.is_some();
        let decoy = self.decoy.clone();
        let right = self
            .run(move || match PasswordHash::new(phc.as_ref().unwrap_or_else(|| decoy.wait())) {
                // A password longer than any that can be set is not worth hashing: it is wrong.
                Ok(parsed) => password.len() <= 800 && hasher().verify_password(password.as_bytes(), &parsed).is_ok(),
                Err(_) => false,
            })
            .await?;
        Ok(right && known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let place = self.gate.clone().acquire_owned().await.map_err(internal)?;
        let done = tokio::task::spawn_blocking(move || {
            let outcome = work();
            drop(place);
            outcome
        });
        done.await.map_err(internal)
    }
}

fn hash_now(password: &str) -> Result<String> {
    let mut salt = [0u8; 16];
    getrandom::fill(&mut salt).map_err(internal)?;
    let salt = SaltString::encode_b64(&salt).map_err(internal)?;
    Ok(hasher().hash_password(password.as_bytes(), &salt).map_err(internal)?.to_string())
}

/// OWASP's argon2id: 19 MiB, two passes, one lane.
fn hasher() -> Argon2<'static> {
    let parameters = Params::new(19 * 1024, 2, 1, None).expect("fixed parameters are within argon2's ranges");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again_and_only_itself() {
        let passwords = Passwords::new().unwrap();
        let phc = passwords.hash("correct horse".into()).await.unwrap();
        assert!(phc.starts_with("$argon2id$"));
        assert!(passwords.verify("correct horse".into(), Some(phc.clone())).await.unwrap());
        assert!(!passwords.verify("correct house".into(), Some(phc)).await.unwrap());
        assert!(!passwords.verify("correct horse".into(), None).await.unwrap());
        assert!(passwords.hash("short".into()).await.is_err());
    }
}
