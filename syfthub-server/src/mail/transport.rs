//! One attempt to hand a letter to the mail server.

use std::time::Duration;

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use uuid::Uuid;

use super::letter::Page;
use crate::config::{MailSettings, SmtpServer, SmtpTls};
use crate::running::StartError;

/// A mail server and the address that letters come from.
pub(super) struct Transport {
    smtp: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    patience: Duration,
}

/// Why a letter was not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum Undelivered {
    /// It cannot be written, such as to an address that mail does not know.
    #[error("the letter cannot be composed")]
    Uncomposable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The server refused it for good.
    #[error("the server refused the letter")]
    Refused(#[source] smtp::Error),
    /// Another attempt may succeed.
    #[error("the server could not be used")]
    Failed(#[source] smtp::Error),
    /// The server took longer than it may.
    #[error("the server did not answer in time")]
    TooSlow,
}

impl Undelivered {
    /// Whether trying again may help.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::TooSlow)
    }
}

impl Transport {
    /// The way to the server that is set, if one is.
    pub(super) fn new(settings: &MailSettings) -> Result<Option<Self>, StartError> {
        let Some(server) = settings.server.server()? else { return Ok(None) };
        let from = settings.smtp_from.clone().ok_or_else(|| {
            let expected = "expected with a mail server: the address that mail comes from";
            StartError::setting("SMTP_FROM", expected)
        })?;
        let smtp = connector(&server, settings.smtp_timeout)
            .map_err(|error| StartError::setting("SMTP_HOST", error.to_string()))?;
        Ok(Some(Self { smtp, from, patience: settings.smtp_timeout }))
    }

    /// Hands the letter over, within the time that is set.
    pub(super) async fn send(&self, page: &Page) -> Result<(), Undelivered> {
        let message = self.compose(page).map_err(Undelivered::Uncomposable)?;
        let sent = tokio::time::timeout(self.patience, self.smtp.send(message)).await;
        match sent {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if error.is_permanent() => Err(Undelivered::Refused(error)),
            Ok(Err(error)) => Err(Undelivered::Failed(error)),
            Err(_) => Err(Undelivered::TooSlow),
        }
    }

    fn compose(&self, page: &Page) -> Result<Message, Box<dyn std::error::Error + Send + Sync>> {
        let to: Address = page.to.as_str().parse()?;
        let id = format!("<{}@{}>", Uuid::new_v4().simple(), self.from.email.domain());
        // So that no vacation notice answers (RFC 3834).
        let automatic = HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        );
        let message = Message::builder()
            .from(self.from.clone())
            .to(to.into())
            .subject(page.subject)
            .message_id(Some(id))
            .raw_header(automatic)
            .multipart(MultiPart::alternative_plain_html(page.text.clone(), page.html.clone()))?;
        Ok(message)
    }
}

fn connector(
    server: &SmtpServer,
    patience: Duration,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, smtp::Error> {
    let tls = match server.tls {
        SmtpTls::None => Tls::None,
        SmtpTls::Starttls => Tls::Required(TlsParameters::new(server.host.clone())?),
        SmtpTls::Tls => Tls::Wrapper(TlsParameters::new(server.host.clone())?),
    };
    let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
        .port(server.port)
        .tls(tls)
        .timeout(Some(patience));
    Ok(match &server.credentials {
        Some((user, password)) => builder
            .credentials(Credentials::new(user.clone(), password.expose().to_owned()))
            .build(),
        None => builder.build(),
    })
}
