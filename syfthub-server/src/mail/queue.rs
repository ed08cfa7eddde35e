//! Letters that wait for the mail server: how many, how long, and how often each is tried.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::letter::{Letter, Letterhead, Page};
use super::transport::{Transport, Undelivered};
use crate::config::MailSettings;

/// How much longer each wait between two attempts is than the one before.
const SLOWER: u32 = 3;

/// Letters on their way to a server, and the task that sends them.
pub(super) struct Queue {
    letters: mpsc::Sender<Letter>,
    stop: CancellationToken,
    worker: Mutex<Option<JoinHandle<()>>>,
}

/// How a letter is sent.
#[derive(Clone)]
struct Delivery {
    transport: Arc<Transport>,
    letterhead: Arc<Letterhead>,
    attempts: usize,
    first_pause: Duration,
    stop: CancellationToken,
}

impl Queue {
    pub(super) fn start(
        transport: Transport,
        letterhead: Letterhead,
        settings: &MailSettings,
    ) -> Self {
        let (letters, waiting) = mpsc::channel(settings.mail_queue);
        let stop = CancellationToken::new();
        let delivery = Delivery {
            transport: Arc::new(transport),
            letterhead: Arc::new(letterhead),
            attempts: settings.mail_attempts,
            first_pause: settings.mail_retry,
            stop: stop.clone(),
        };
        let worker = tokio::spawn(work(waiting, delivery, settings.mail_parallel));
        Self { letters, stop, worker: Mutex::new(Some(worker)) }
    }

    /// Takes as long for every letter: it is written out by the task that sends it.
    pub(super) fn post(&self, letter: Letter) {
        if self.letters.try_send(letter).is_err() {
            metrics::counter!("mail_letters_total", "outcome" => "dropped").increment(1);
            tracing::warn!("a letter was dropped: too many wait, or the hub is stopping");
        }
    }

    pub(super) async fn close(&self) {
        self.stop.cancel();
        let worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(worker) = worker
            && let Err(error) = worker.await
        {
            tracing::error!(%error, "the task that sends mail failed");
        }
    }
}

async fn work(mut waiting: mpsc::Receiver<Letter>, delivery: Delivery, parallel: usize) {
    let mut under_way = FuturesUnordered::new();
    let mut is_closing = false;
    loop {
        tokio::select! {
            () = delivery.stop.cancelled(), if !is_closing => {
                is_closing = true;
                waiting.close();
            }
            letter = waiting.recv(), if under_way.len() < parallel => match letter {
                Some(letter) => under_way.push(delivery.clone().deliver(letter)),
                None => break,
            },
            Some(()) = under_way.next() => {}
        }
    }
    while under_way.next().await.is_some() {}
}

impl Delivery {
    async fn deliver(self, letter: Letter) {
        let page = letter.on(&self.letterhead);
        let outcome = if self.attempt(&page).await { "sent" } else { "failed" };
        metrics::counter!("mail_letters_total", "outcome" => outcome).increment(1);
    }

    /// Whether one of the attempts succeeded.
    async fn attempt(&self, page: &Page) -> bool {
        let mut pause = self.first_pause;
        for left in (0..self.attempts).rev() {
            let Err(undelivered) = self.transport.send(page).await else { return true };
            let reason = reason(&undelivered);
            if left == 0 || !undelivered.may_pass() || self.stop.is_cancelled() {
                tracing::warn!(reason, subject = page.subject, "a letter was given up");
                return false;
            }
            tracing::info!(reason, subject = page.subject, left, "a letter is tried again");
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.stop.cancelled() => {}
            }
            pause = pause.saturating_mul(SLOWER);
        }
        false
    }
}

/// What went wrong, in one line. The server's words are cut, since they may repeat the letter's.
fn reason(undelivered: &Undelivered) -> String {
    let cause = std::error::Error::source(undelivered).map(ToString::to_string).unwrap_or_default();
    format!("{undelivered}: {}", cause.chars().take(200).collect::<String>())
}

#[cfg(test)]
mod tests {
    use syfthub_core::Email;

    use super::*;
    use crate::mail::Mail;
    use crate::mail::testing::{Behaviour, Postbox};

    fn mail(settings: &MailSettings) -> Mail {
        Mail::start(settings, &"https://hub.example.org".parse().unwrap()).unwrap()
    }

    fn letter(to: &str) -> Letter {
        Letter::PasswordWasReset { to: Email::parse(to).unwrap() }
    }

    #[tokio::test]
    async fn a_letter_arrives_as_text_and_as_html() {
        let mut postbox = Postbox::open().await;
        let mail = mail(&postbox.settings());
        mail.post(letter("ada@acme.org"));
        let received = postbox.next().await;
        assert_eq!(received.to, ["ada@acme.org"]);
        for part in [
            "Subject: Your password was reset",
            "text/plain",
            "text/html",
            "Auto-Submitted: auto-generated",
            "From: SyftHub <hub@example.org>",
            "Message-ID: <",
        ] {
            assert!(received.text.contains(part), "{part}: {}", received.text);
        }
    }

    #[tokio::test]
    async fn a_server_that_fails_for_a_while_still_gets_the_letter() {
        let mut postbox = Postbox::that(Behaviour::FailsFirst(2)).await;
        let mail = mail(&postbox.settings());
        mail.post(letter("ada@acme.org"));
        assert_eq!(postbox.next().await.to, ["ada@acme.org"]);
        assert_eq!(postbox.attempts(), 3);
    }

    #[tokio::test]
    async fn a_letter_that_is_refused_for_good_is_tried_once() {
        let mut postbox = Postbox::that(Behaviour::Refuses("eve@acme.org")).await;
        let mail = mail(&postbox.settings());
        mail.post(letter("eve@acme.org"));
        mail.post(letter("ada@acme.org"));
        assert_eq!(postbox.next().await.to, ["ada@acme.org"]);
        mail.close().await;
        assert_eq!(postbox.attempts(), 2);
    }

    #[tokio::test]
    async fn a_server_that_never_answers_costs_its_time_and_no_more() {
        let postbox = Postbox::that(Behaviour::Silent).await;
        let mut settings = postbox.settings();
        settings.smtp_timeout = Duration::from_millis(50);
        settings.mail_attempts = 2;
        let mail = mail(&settings);
        mail.post(letter("ada@acme.org"));
        mail.close().await;
    }

    #[tokio::test]
    async fn the_queue_is_bounded_and_posting_never_waits() {
        let postbox = Postbox::that(Behaviour::Silent).await;
        let mut settings = postbox.settings();
        settings.mail_queue = 2;
        let mail = mail(&settings);
        for _ in 0..100 {
            mail.post(letter("ada@acme.org"));
        }
    }

    #[tokio::test]
    async fn what_waits_is_sent_before_the_end() {
        let mut postbox = Postbox::open().await;
        let mail = mail(&postbox.settings());
        for n in 0..10 {
            mail.post(letter(&format!("ada{n}@acme.org")));
        }
        mail.close().await;
        let mut received = std::collections::HashSet::new();
        for _ in 0..10 {
            received.extend(postbox.next().await.to);
        }
        assert_eq!(received.len(), 10);
        mail.post(letter("late@acme.org"));
    }

    #[tokio::test]
    async fn without_a_server_nothing_is_sent_and_nothing_fails() {
        let mail = mail(&crate::config::MailSettings::default());
        assert!(!mail.is_set());
        mail.post(letter("ada@acme.org"));
        mail.close().await;
    }

    #[tokio::test]
    async fn a_server_without_a_sender_is_a_mistake_in_the_settings() {
        let mut settings = Postbox::open().await.settings();
        settings.smtp_from = None;
        let refused = Mail::start(&settings, &"https://hub.example.org".parse().unwrap());
        assert!(refused.err().unwrap().to_string().starts_with("SMTP_FROM: "));
    }
}
