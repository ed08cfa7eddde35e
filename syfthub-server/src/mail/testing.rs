//! A mail server for tests: the few words of SMTP (RFC 5321) that a letter needs, on a port of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::config::{MailSettings, SmtpServer};

/// What the server does with letters.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Behaviour {
    /// It takes them.
    Takes,
    /// It refuses so many for the moment, then takes them.
    FailsFirst(usize),
    /// It refuses those to this address for good.
    Refuses(&'static str),
    /// It never says a word.
    Silent,
}

/// A letter that arrived.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) to: Vec<String>,
    /// Headers and parts as they were sent.
    pub(crate) text: String,
}

impl Received {
    /// The code in it: six digits on a line of their own.
    pub(crate) fn code(&self) -> String {
        let mut lines = self.text.lines().map(str::trim);
        let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|b| b.is_ascii_digit());
        lines.find(is_code).unwrap_or_else(|| panic!("no code in {}", self.text)).to_owned()
    }
}

/// A running mail server.
pub(crate) struct Postbox {
    port: u16,
    letters: mpsc::UnboundedReceiver<Received>,
    attempts: Arc<AtomicUsize>,
}

impl Postbox {
    pub(crate) async fn open() -> Self {
        Self::that(Behaviour::Takes).await
    }

    pub(crate) async fn that(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, letters) = mpsc::unbounded_channel();
        let attempts = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&attempts);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let talk = talk(stream, behaviour, sender.clone(), Arc::clone(&counted));
                // A client that hangs up ends its own conversation alone.
                tokio::spawn(async move { talk.await.ok() });
            }
        });
        Self { port, letters, attempts }
    }

    /// Settings that send mail here, with hardly a pause between attempts.
    pub(crate) fn settings(&self) -> MailSettings {
        let mut settings = MailSettings::default();
        let server = SmtpServer::parse(&format!("smtp://127.0.0.1:{}?tls=none", self.port));
        settings.server.smtp_url = Some(server.unwrap());
        settings.smtp_from = Some("SyftHub <hub@example.org>".parse().unwrap());
        settings.mail_retry = Duration::from_millis(1);
        settings
    }

    /// The next letter that arrives.
    pub(crate) async fn next(&mut self) -> Received {
        let next = tokio::time::timeout(Duration::from_secs(20), self.letters.recv());
        next.await.expect("a letter arrives in time").expect("the server runs")
    }

    /// Whether nothing has arrived that was not taken out.
    pub(crate) fn is_empty(&mut self) -> bool {
        self.letters.is_empty()
    }

    /// How many letters were offered.
    pub(crate) fn attempts(&self) -> usize {
        self.attempts.load(Ordering::SeqCst)
    }
}

async fn talk(
    stream: TcpStream,
    behaviour: Behaviour,
    letters: mpsc::UnboundedSender<Received>,
    attempts: Arc<AtomicUsize>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let (mut to, mut line) = (Vec::new(), String::new());
    if matches!(behaviour, Behaviour::Silent) {
        return std::future::pending().await;
    }
    stream.write_all(b"220 postbox\r\n").await?;
    while stream.read_line(&mut line).await? > 0 {
        let said = std::mem::take(&mut line);
        let said = said.trim_end();
        let upper = said.to_uppercase();
        let answer = if upper.starts_with("RCPT TO:") {
            let count = attempts.fetch_add(1, Ordering::SeqCst) + 1;
            let address = said["RCPT TO:".len()..].trim_matches(['<', '>', ' ']);
            match behaviour {
                Behaviour::FailsFirst(fails) if count <= fails => "451 later",
                Behaviour::Refuses(refused) if refused == address => "550 no such mailbox",
                _ => {
                    to.push(address.to_owned());
                    "250 ok"
                }
            }
        } else if upper == "DATA" {
            stream.write_all(b"354 go on\r\n").await?;
            let text = read_letter(&mut stream).await?;
            letters.send(Received { to: std::mem::take(&mut to), text }).ok();
            "250 ok"
        } else if upper == "RSET" {
            to.clear();
            "250 ok"
        } else if upper == "QUIT" {
            "221 bye"
        } else {
            "250 ok"
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}

async fn read_letter(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(text);
        }
        text.push_str(&line);
    }
}
