//! The server that mail goes out through, and the codes that are mailed.

use std::fmt;
use std::time::Duration;

use clap::ValueEnum;
use lettre::message::Mailbox;
use syfthub_core::Secret;
use url::Url;

use super::values;
use crate::running::StartError;

/// Mail to users. Without a server none is sent, and nobody's address can be verified.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Mail")]
pub struct MailSettings {
    /// The server, in one piece or in several.
    #[command(flatten)]
    pub server: SmtpSettings,

    /// Address that mail comes from, such as `SyftHub <hub@example.org>`; required with a server
    #[arg(long, env = "SMTP_FROM", value_name = "SMTP_FROM", value_parser = sender)]
    pub smtp_from: Option<Mailbox>,

    /// Seconds that one attempt to send a letter may take
    #[arg(long, env = "SMTP_TIMEOUT", value_name = "SMTP_TIMEOUT", default_value = "20", value_parser = values::seconds)]
    pub smtp_timeout: Duration,

    /// Attempts to send a letter before it is given up
    #[arg(long, env = "SYFTHUB_MAIL_ATTEMPTS", value_name = "SYFTHUB_MAIL_ATTEMPTS", default_value = "5", value_parser = values::count)]
    pub mail_attempts: usize,

    /// Seconds before the second attempt; each further wait is three times as long
    #[arg(long, env = "SYFTHUB_MAIL_RETRY", value_name = "SYFTHUB_MAIL_RETRY", default_value = "2", value_parser = values::seconds)]
    pub mail_retry: Duration,

    /// Letters that may wait to be sent; further ones are dropped
    #[arg(long, env = "SYFTHUB_MAIL_QUEUE", value_name = "SYFTHUB_MAIL_QUEUE", default_value = "1000", value_parser = values::count)]
    pub mail_queue: usize,

    /// Letters that are sent at a time
    #[arg(long, env = "SYFTHUB_MAIL_PARALLEL", value_name = "SYFTHUB_MAIL_PARALLEL", default_value = "4", value_parser = values::count)]
    pub mail_parallel: usize,
}

/// The mail server: an address in one piece, or its parts.
#[derive(Debug, Clone, clap::Args)]
pub struct SmtpSettings {
    /// Mail server as `smtps://USER:PASSWORD@HOST:PORT` (TLS) or `smtp://…` (STARTTLS); `smtp://HOST?tls=none` does without
    #[arg(
        long,
        env = "SMTP_URL",
        value_name = "SMTP_URL",
        hide_env_values = true,
        value_parser = SmtpServer::parse,
        conflicts_with_all = ["smtp_host", "smtp_port", "smtp_username", "smtp_password", "smtp_tls"]
    )]
    pub smtp_url: Option<SmtpServer>,

    /// Host of the mail server
    #[arg(long, env = "SMTP_HOST", value_name = "SMTP_HOST")]
    pub smtp_host: Option<String>,

    /// Port of the mail server; when absent 587 for STARTTLS, 465 for TLS, 25 for neither
    #[arg(long, env = "SMTP_PORT", value_name = "SMTP_PORT")]
    pub smtp_port: Option<u16>,

    /// User name at the mail server
    #[arg(long, env = "SMTP_USERNAME", value_name = "SMTP_USERNAME", requires = "smtp_password")]
    pub smtp_username: Option<String>,

    /// Password at the mail server
    #[arg(
        long,
        env = "SMTP_PASSWORD",
        value_name = "SMTP_PASSWORD",
        hide_env_values = true,
        requires = "smtp_username"
    )]
    pub smtp_password: Option<Secret>,

    /// How the connection is encrypted; `starttls` when absent
    #[arg(long, env = "SMTP_TLS", value_name = "SMTP_TLS")]
    pub smtp_tls: Option<SmtpTls>,
}

/// How a connection to a mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SmtpTls {
    /// The connection turns to TLS before anything is said; one that cannot is not used (RFC 3207).
    Starttls,
    /// The connection is TLS from its first byte (RFC 8314).
    Tls,
    /// The connection is not encrypted.
    None,
}

/// A mail server.
#[derive(Clone)]
pub struct SmtpServer {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) credentials: Option<(String, Secret)>,
    pub(crate) tls: SmtpTls,
}

impl SmtpServer {
    fn new(
        host: &str,
        port: Option<u16>,
        credentials: Option<(String, Secret)>,
        tls: SmtpTls,
    ) -> Result<Self, String> {
        if host.is_empty() || host.contains(|c: char| c.is_whitespace() || "/@".contains(c)) {
            return Err("expected the name or the address of a mail server".to_owned());
        }
        let is_here = host == "localhost"
            || host
                .trim_matches(['[', ']'])
                .parse()
                .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        if tls == SmtpTls::None && credentials.is_some() && !is_here {
            return Err(
                "expected an encrypted connection, since a password goes over it".to_owned()
            );
        }
        let usual = match tls {
            SmtpTls::Starttls => 587,
            SmtpTls::Tls => 465,
            SmtpTls::None => 25,
        };
        Ok(Self { host: host.to_owned(), port: port.unwrap_or(usual), credentials, tls })
    }

    /// Reads `SMTP_URL`.
    ///
    /// # Errors
    /// The accepted form, which does not repeat the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = || "expected smtps://USER:PASSWORD@HOST:PORT or smtp://…".to_owned();
        let url = Url::parse(text).map_err(|_| expected())?;
        let tls = match (url.scheme(), url.query()) {
            ("smtps", None) => SmtpTls::Tls,
            ("smtp", None | Some("tls=required")) => SmtpTls::Starttls,
            ("smtp", Some("tls=none")) => SmtpTls::None,
            _ => return Err(expected()),
        };
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (user, Some(password)) if !user.is_empty() => {
                let user = decoded(user).ok_or_else(expected)?;
                Some((user, Secret::new(decoded(password).ok_or_else(expected)?)))
            }
            _ => return Err(expected()),
        };
        Self::new(url.host_str().unwrap_or_default(), url.port(), credentials, tls)
    }
}

impl fmt::Debug for SmtpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmtpServer({}:{})", self.host, self.port)
    }
}

impl SmtpSettings {
    /// The server, if one is set.
    pub(crate) fn server(&self) -> Result<Option<SmtpServer>, StartError> {
        if let Some(server) = &self.smtp_url {
            return Ok(Some(server.clone()));
        }
        let Some(host) = &self.smtp_host else { return Ok(None) };
        let credentials = self.smtp_username.clone().zip(self.smtp_password.clone());
        let tls = self.smtp_tls.unwrap_or(SmtpTls::Starttls);
        let server = SmtpServer::new(host, self.smtp_port, credentials, tls);
        server.map(Some).map_err(|reason| StartError::setting("SMTP_HOST", reason))
    }
}

impl Default for MailSettings {
    fn default() -> Self {
        values::defaults()
    }
}

/// Codes that are mailed: to verify an address, and to reset a password.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Mail")]
pub struct CodeSettings {
    /// Whether an address must be verified before its user can sign in; has an effect only with a mail server
    #[arg(
        long,
        env = "REQUIRE_EMAIL_VERIFICATION",
        value_name = "REQUIRE_EMAIL_VERIFICATION",
        default_value = "false",
        action = clap::ArgAction::Set,
        value_parser = values::truth
    )]
    pub require_email_verification: bool,

    /// Minutes that a mailed code is good for
    #[arg(
        id = "code_expire_minutes",
        long = "code-expire-minutes",
        env = "SYFTHUB_CODE_EXPIRE_MINUTES",
        value_name = "SYFTHUB_CODE_EXPIRE_MINUTES",
        default_value = "10",
        value_parser = values::minutes
    )]
    pub code_lifetime: Duration,

    /// Times that a mailed code may be tried
    #[arg(long, env = "SYFTHUB_CODE_TRIES", value_name = "SYFTHUB_CODE_TRIES", default_value = "5", value_parser = values::count)]
    pub code_tries: usize,
}

fn sender(text: &str) -> Result<Mailbox, String> {
    text.parse()
        .map_err(|_| "expected an e-mail address, such as SyftHub <hub@example.org>".to_owned())
}

/// Text of a URL without its percent signs (RFC 3986, section 2.1).
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'%' {
            let (digits, after) = rest.split_at_checked(2)?;
            let digits = std::str::from_utf8(digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = after;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_read_from_its_address() {
        let server = SmtpServer::parse("smtps://hub%40acme.org:p%2Fw%20d@mail.acme.org").unwrap();
        assert_eq!((server.host.as_str(), server.port), ("mail.acme.org", 465));
        let (user, password) = server.credentials.unwrap();
        assert_eq!((user.as_str(), password.expose()), ("hub@acme.org", "p/w d"));
        let server = SmtpServer::parse("smtp://mail.acme.org").unwrap();
        assert_eq!((server.port, server.tls), (587, SmtpTls::Starttls));
        let server = SmtpServer::parse("smtp://127.0.0.1:2525?tls=none").unwrap();
        assert_eq!((server.port, server.tls), (2525, SmtpTls::None));
    }

    #[test]
    fn a_password_never_goes_over_an_open_connection_to_elsewhere() {
        assert!(SmtpServer::parse("smtp://a:b@mail.acme.org?tls=none").is_err());
        assert!(SmtpServer::parse("smtp://a:b@localhost?tls=none").is_ok());
        assert!(SmtpServer::parse("smtp://a:b@[::1]:25?tls=none").is_ok());
    }

    #[test]
    fn what_is_no_server_is_refused_without_being_repeated() {
        for text in [
            "",
            "mail.acme.org",
            "http://a:hunter22@b",
            "smtp://hunter22@b",
            "smtp://a:hunter22@b?tls=maybe",
            "smtp://a:hunter22%zz@b",
        ] {
            let refusal = SmtpServer::parse(text).unwrap_err();
            assert!(refusal.starts_with("expected ") && !refusal.contains("hunter22"), "{refusal}");
        }
    }
}
