//! E-mail addresses and passwords: what a person signs in with.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::invalid::Invalid;
use crate::secret::Secret;

/// An e-mail address in lower case; its domain has a dot and is not a name for special use (RFC 6761).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// The domain of the addresses that the hub's ledger gives to organizations. No person has one there.
    pub const ORGANIZATIONS: &str = "organizations.syfthub.org";

    /// Whether it is the address of an organization's account, which nobody may have as their own.
    pub fn is_reserved(&self) -> bool {
        self.0.rsplit_once('@').is_some_and(|(_, domain)| domain == Self::ORGANIZATIONS)
    }

    /// Reads an address in any case.
    ///
    /// # Errors
    /// When it is not an address; the reason is said.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let refuse = |reason: &str| {
            Invalid::new("value_error", format!("value is not a valid email address: {reason}"))
        };
        let address = text.trim().to_lowercase();
        if address.len() > 254 {
            return Err(refuse("it is longer than 254 characters"));
        }
        let (local, domain) = address.rsplit_once('@').ok_or_else(|| refuse("it has no @ sign"))?;
        if !is_local_part(local) {
            return Err(refuse(
                "the part before the @ sign is empty or has characters that are not allowed",
            ));
        }
        if !domain.contains('.') || !domain.split('.').all(is_label) {
            return Err(refuse("the part after the @ sign is not a domain with a dot"));
        }
        if SPECIAL_USE.iter().any(|suffix| domain.ends_with(suffix)) {
            return Err(refuse("the part after the @ sign is a name for special use"));
        }
        Ok(Self(address))
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Email {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

fn is_local_part(text: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    (1..=64).contains(&text.len())
        && text.chars().all(allowed)
        && !text.starts_with('.')
        && !text.ends_with('.')
        && !text.contains("..")
}

fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.chars().all(|c| c.is_alphanumeric() || c == '-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

const SPECIAL_USE: &[&str] =
    &[".test", ".localhost", ".example", ".invalid", ".local", ".onion", ".arpa"];

/// A new password that keeps the rules: long enough, at least one letter and one digit (contract hub 2.4).
#[derive(Debug, Clone)]
pub struct Password(Secret);

impl Password {
    /// The fewest characters unless a setting says otherwise.
    pub const MIN: usize = 8;

    /// Checks `text` against the rules, with `min` characters at least.
    ///
    /// # Errors
    /// When it is too short, or lacks a letter or a digit.
    pub fn parse(text: &str, min: usize) -> Result<Self, Invalid> {
        if text.chars().count() < min {
            return Err(Invalid::too_short(min));
        }
        if !text.chars().any(char::is_numeric) {
            return Err(Invalid::value("password must contain at least one digit"));
        }
        if !text.chars().any(char::is_alphabetic) {
            return Err(Invalid::value("password must contain at least one letter"));
        }
        Ok(Self(Secret::new(text)))
    }

    /// The password, for the hasher.
    pub fn secret(&self) -> &Secret {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_in_lower_case() {
        assert_eq!(Email::parse(" Ada@Example.COM ").unwrap().as_str(), "ada@example.com");
    }

    #[test]
    fn what_is_no_address_is_refused_with_its_reason() {
        for bad in [
            "ada", "@b.c", "a@b", "a@b..c", "a b@c.de", "a@x.test", "a@-b.de", ".a@b.de", "a@@b.de",
        ] {
            let refusal = Email::parse(bad).expect_err(bad);
            assert!(refusal.message.starts_with("value is not a valid email address: "), "{bad}");
        }
    }

    #[test]
    fn a_password_needs_length_a_letter_and_a_digit() {
        assert!(Password::parse("abcdefg1", 8).is_ok());
        assert!(Password::parse("пароль12", 8).is_ok());
        assert_eq!(Password::parse("abc1", 8).unwrap_err().kind, "string_too_short");
        assert_eq!(Password::parse("abcdefgh", 8).unwrap_err().kind, "value_error");
        assert_eq!(Password::parse("12345678", 8).unwrap_err().kind, "value_error");
    }
}
