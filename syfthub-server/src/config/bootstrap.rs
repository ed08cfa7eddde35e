//! The first administrator.

use std::path::PathBuf;

use syfthub_core::{Email, Secret, Username};

/// Who runs a hub that has no administrator yet; nothing of it is used once there is one.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "First administrator")]
pub struct BootstrapSettings {
    /// Username of the administrator to make when the hub has none
    #[arg(
        long,
        env = "SYFTHUB_BOOTSTRAP_ADMIN_USERNAME",
        value_name = "SYFTHUB_BOOTSTRAP_ADMIN_USERNAME",
        value_parser = username
    )]
    pub bootstrap_admin_username: Option<Username>,

    /// E-mail address of that administrator
    #[arg(
        long,
        env = "SYFTHUB_BOOTSTRAP_ADMIN_EMAIL",
        value_name = "SYFTHUB_BOOTSTRAP_ADMIN_EMAIL",
        value_parser = email
    )]
    pub bootstrap_admin_email: Option<Email>,

    /// Password of that administrator: at least 12 characters, such as `openssl rand -hex 16` prints
    #[arg(
        long,
        env = "SYFTHUB_BOOTSTRAP_ADMIN_PASSWORD",
        value_name = "SYFTHUB_BOOTSTRAP_ADMIN_PASSWORD",
        hide_env_values = true,
        conflicts_with = "bootstrap_admin_password_file"
    )]
    pub bootstrap_admin_password: Option<Secret>,

    /// File that holds that password
    #[arg(
        long,
        env = "SYFTHUB_BOOTSTRAP_ADMIN_PASSWORD_FILE",
        value_name = "SYFTHUB_BOOTSTRAP_ADMIN_PASSWORD_FILE"
    )]
    pub bootstrap_admin_password_file: Option<PathBuf>,
}

fn username(text: &str) -> Result<Username, String> {
    let name = Username::parse(text).ok().filter(|name| !name.is_reserved());
    name.ok_or_else(|| {
        "expected 3 to 50 of a-z 0-9 _ - with a letter or digit at both ends, and no reserved name such as admin"
            .to_owned()
    })
}

fn email(text: &str) -> Result<Email, String> {
    Email::parse(text).map_err(|_| "expected an address such as ada@example.org".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reserved_name_is_refused() {
        assert!(username("Root-Ada").is_ok());
        for bad in ["admin", "a", "ad a"] {
            assert!(username(bad).unwrap_err().starts_with("expected "), "{bad}");
        }
    }
}
