//! A network of its own for a process: what runs there reaches this machine, and is itself reached by nobody.

use std::process::Command;

/// A network namespace with one wire to this machine's own; gone with this value.
pub(crate) struct Namespace {
    name: String,
    /// The first three numbers of the addresses at both ends of the wire.
    network: String,
}

impl Namespace {
    /// Makes one, where that is possible: it takes Linux, `ip`, and the rights of an administrator. Where it is not, that is
    /// said aloud, and is a failure where `CI` is set, so that a skip never counts as a pass.
    #[expect(
        clippy::disallowed_methods,
        clippy::print_stdout,
        reason = "tests have no Config and no printer"
    )]
    pub(crate) fn create() -> Option<Self> {
        // Apart from other tests of this machine, which run at the same time.
        let number = std::process::id() % 16_384;
        let network = format!("10.{}.{}", 192 + number / 256, number % 256);
        let namespace = Self { name: format!("hub{number}"), network };
        match namespace.build() {
            Ok(()) => Some(namespace),
            Err(why) => {
                assert!(std::env::var("CI").is_err(), "no network namespace can be made: {why}");
                println!("skipped: no network namespace can be made: {why}");
                None
            }
        }
    }

    fn build(&self) -> Result<(), String> {
        let Self { name, network } = self;
        let (outer, inner) = (format!("{name}o"), format!("{name}i"));
        ip(&["netns", "add", name])?;
        ip(&["link", "add", &outer, "type", "veth", "peer", "name", &inner, "netns", name])?;
        ip(&["address", "add", &format!("{network}.1/30"), "dev", &outer])?;
        ip(&["link", "set", &outer, "up"])?;
        ip(&["-n", name, "address", "add", &format!("{network}.2/30"), "dev", &inner])?;
        ip(&["-n", name, "link", "set", "lo", "up"])?;
        ip(&["-n", name, "link", "set", &inner, "up"])
    }

    /// The address of this machine, seen from inside. What listens on the inside's own loopback is reached from nowhere.
    pub(crate) fn outside(&self) -> String {
        format!("{}.1", self.network)
    }

    /// What a command begins with that runs inside.
    pub(crate) fn enter(&self) -> [&str; 4] {
        ["ip", "netns", "exec", &self.name]
    }

    /// Cuts the wire.
    pub(crate) fn unplug(&self) {
        ip(&["link", "set", &format!("{}o", self.name), "down"]).expect("the wire is there");
    }

    /// Mends the wire.
    pub(crate) fn plug_in(&self) {
        ip(&["link", "set", &format!("{}o", self.name), "up"]).expect("the wire is there");
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        ip(&["link", "delete", &format!("{}o", self.name)]).ok();
        ip(&["netns", "delete", &self.name]).ok();
    }
}

fn ip(words: &[&str]) -> Result<(), String> {
    let output = Command::new("ip").args(words).output().map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}
