//! The letters there are: what each says, as plain text and as HTML.

use std::time::Duration;

use askama::Template;
use syfthub_core::{Email, Secret};
use url::Url;

/// A letter to one person.
pub(crate) enum Letter {
    /// A code that verifies the address.
    Verification {
        /// The address.
        to: Email,
        /// The code.
        code: Secret,
        /// How long the code is good for.
        lifetime: Duration,
    },
    /// A code that allows to set a new password.
    PasswordReset {
        /// The address.
        to: Email,
        /// The code.
        code: Secret,
        /// How long the code is good for.
        lifetime: Duration,
    },
    /// The news that the password was reset, so that whoever did not do it learns of it.
    PasswordWasReset {
        /// The address.
        to: Email,
    },
    /// The news that the account has another address now, to the one it had.
    AddressChanged {
        /// The former address.
        to: Email,
    },
}

/// What every letter says about its sender.
pub(super) struct Letterhead {
    hub: String,
}

/// A letter as it goes out. Its text may hold a code, so it does not print.
pub(super) struct Page {
    pub(super) to: Email,
    pub(super) subject: &'static str,
    pub(super) text: String,
    pub(super) html: String,
}

#[derive(Template)]
#[template(path = "mail/code.txt")]
struct CodeText<'a> {
    purpose: &'a str,
    hub: &'a str,
    code: &'a str,
    minutes: u64,
}

#[derive(Template)]
#[template(path = "mail/code.html")]
struct CodeHtml<'a> {
    purpose: &'a str,
    hub: &'a str,
    code: &'a str,
    minutes: u64,
}

#[derive(Template)]
#[template(path = "mail/notice.txt")]
struct NoticeText<'a> {
    news: &'a str,
    advice: &'a str,
    hub: &'a str,
}

#[derive(Template)]
#[template(path = "mail/notice.html")]
struct NoticeHtml<'a> {
    news: &'a str,
    advice: &'a str,
    hub: &'a str,
}

impl Letterhead {
    pub(super) fn of(public_url: &Url) -> Self {
        Self { hub: public_url.as_str().trim_end_matches('/').to_owned() }
    }

    fn code(
        &self,
        to: Email,
        subject: &'static str,
        purpose: &str,
        code: &Secret,
        lifetime: Duration,
    ) -> Page {
        let (hub, code, minutes) = (&self.hub, code.expose(), lifetime.as_secs().div_ceil(60));
        Page {
            to,
            subject,
            text: written(&CodeText { purpose, hub, code, minutes }),
            html: written(&CodeHtml { purpose, hub, code, minutes }),
        }
    }

    fn notice(&self, to: Email, subject: &'static str, news: &str, advice: &str) -> Page {
        let hub = &self.hub;
        Page {
            to,
            subject,
            text: written(&NoticeText { news, advice, hub }),
            html: written(&NoticeHtml { news, advice, hub }),
        }
    }
}

fn written(template: &impl Template) -> String {
    template.render().expect("the templates call nothing that fails")
}

impl Letter {
    /// The letter written out.
    pub(super) fn on(self, head: &Letterhead) -> Page {
        match self {
            Self::Verification { to, code, lifetime } => head.code(
                to,
                "Verify your e-mail address",
                "to verify this e-mail address",
                &code,
                lifetime,
            ),
            Self::PasswordReset { to, code, lifetime } => head.code(
                to,
                "Reset your password",
                "to set a new password for your account",
                &code,
                lifetime,
            ),
            Self::PasswordWasReset { to } => head.notice(
                to,
                "Your password was reset",
                "The password of your account was reset with a code that was mailed to this address. \
                 Every session was ended and every personal access token revoked.",
                "If it was not you, somebody reads your mail: change the mailbox's password first, \
                 then reset this one again.",
            ),
            Self::AddressChanged { to } => head.notice(
                to,
                "Your e-mail address was changed",
                "Your account has another e-mail address from now on; this one no longer belongs to it.",
                "If it was not you, ask the operators of the hub for help at once.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Letterhead {
        Letterhead::of(&"https://hub.example.org/?a=<b>".parse().unwrap())
    }

    #[test]
    fn a_code_stands_in_a_line_of_its_own_and_never_in_the_subject() {
        let to = Email::parse("ada@acme.org").unwrap();
        let (code, lifetime) = (Secret::new("012345"), Duration::from_mins(10));
        for letter in [
            Letter::Verification { to: to.clone(), code: code.clone(), lifetime },
            Letter::PasswordReset { to, code, lifetime },
        ] {
            let page = letter.on(&head());
            assert!(page.text.lines().any(|line| line.trim() == "012345"), "{}", page.text);
            assert!(page.text.contains("10 minutes") && page.html.contains("10 minutes"));
            assert!(page.html.contains("012345") && !page.subject.contains("012345"));
        }
    }

    #[test]
    fn what_the_settings_say_is_escaped_in_html_alone() {
        let to = Email::parse("ada@acme.org").unwrap();
        let page =
            Letter::PasswordWasReset { to }.on(&Letterhead { hub: "https://a/<b>".to_owned() });
        assert!(page.text.contains("https://a/<b>"));
        assert!(!page.html.contains("<b>"), "{}", page.html);
    }
}
