//! A real mail server: what arrives is kept in a Maildir folder.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::third_party;

/// `aiosmtpd` on a free port; killed when dropped.
pub(crate) struct MailServer {
    _child: Child,
    port: u16,
    folder: PathBuf,
}

impl MailServer {
    /// Starts it with its folder below `home`; nothing when it is not installed.
    pub(crate) async fn start(home: &Path) -> Option<Self> {
        let python = third_party::path("SYFTHUB_TEST_AIOSMTPD_PYTHON")?;
        let folder = home.join("mail");
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let address = free.local_addr().expect("it is bound");
        drop(free);
        let child = Command::new(python)
            .args(["-m", "aiosmtpd", "--nosetuid", "--listen", &address.to_string()])
            .args(["--class", "aiosmtpd.handlers.Mailbox"])
            .arg(&folder)
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .expect("the interpreter runs");
        let ready = async {
            while TcpStream::connect(address).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), ready).await.expect("the mail server listens");
        Some(Self { _child: child, port: address.port(), folder })
    }

    /// Where it listens on 127.0.0.1.
    pub(crate) fn port(&self) -> String {
        self.port.to_string()
    }

    /// The Maildir folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}
