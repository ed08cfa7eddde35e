//! Mail to users.
//!
//! A letter is put into a queue of bounded length and sent from there, so that no answer waits for a mail server and none
//! tells, by the time it takes, whether a letter was written. A letter that is not delivered in some minutes is given up:
//! what is mailed here are codes, and who misses one asks for another. For the same reason the queue lives in memory.
//! Without a server in the settings there is no mail, and whoever would send some asks [`Mail::is_set`] first.
//!
//! Reading order: `letter` (what is said), `transport` (how it reaches a server), `queue` (when).

mod letter;
mod queue;
#[cfg(test)]
pub(crate) mod testing;
mod transport;

pub(crate) use letter::Letter;

use url::Url;

use crate::config::MailSettings;
use crate::running::StartError;
use letter::Letterhead;
use queue::Queue;
use transport::Transport;

/// The hub's way to its users' mailboxes.
pub(crate) struct Mail {
    queue: Option<Queue>,
}

impl Mail {
    /// Starts the queue, if a server is set. Letters name the hub at `public_url`.
    ///
    /// # Errors
    /// When a setting is missing or does not fit the others.
    pub(crate) fn start(settings: &MailSettings, public_url: &Url) -> Result<Self, StartError> {
        let transport = Transport::new(settings)?;
        let letterhead = Letterhead::of(public_url);
        Ok(Self { queue: transport.map(|transport| Queue::start(transport, letterhead, settings)) })
    }

    /// Whether mail can be sent at all.
    pub(crate) fn is_set(&self) -> bool {
        self.queue.is_some()
    }

    /// Puts a letter into the queue. One that finds no room is dropped and counted.
    pub(crate) fn post(&self, letter: Letter) {
        if let Some(queue) = &self.queue {
            queue.post(letter);
        }
    }

    /// Sends what waits, each letter at most once more, and ends.
    pub(crate) async fn close(&self) {
        if let Some(queue) = &self.queue {
            queue.close().await;
        }
    }
}
