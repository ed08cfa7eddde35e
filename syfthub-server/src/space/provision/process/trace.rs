//! Which process is which. A number alone names another process after a while, and after a restart of the machine; with the
//! machine's boot and the time when it was started it names one.

use std::fs;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Map, Value, json};

/// One process, told from all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trace {
    pub(super) pid: u32,
    /// The machine's boot.
    boot: String,
    /// When it was started, in clock ticks since the boot.
    ticks: u64,
}

impl Trace {
    /// The process that has this number now; `None` when there is none, or it has ended.
    pub(super) fn of(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let ticks = started(&stat)?;
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        Some(Self { pid, boot: boot.trim().to_owned(), ticks })
    }

    pub(super) fn to_state(&self) -> Map<String, Value> {
        let state = json!({"pid": self.pid, "bootId": self.boot, "startTicks": self.ticks});
        state.as_object().cloned().unwrap_or_default()
    }

    pub(super) fn from_state(state: &Map<String, Value>) -> Option<Self> {
        Some(Self {
            pid: state.get("pid")?.as_u64()?.try_into().ok()?,
            boot: state.get("bootId")?.as_str()?.to_owned(),
            ticks: state.get("startTicks")?.as_u64()?,
        })
    }
}

/// The 22nd field of `/proc/PID/stat` (proc(5)). The second one, a name in parentheses, may hold anything, so fields are
/// counted from its end. A process that has ended and waits for its parent to notice counts as none.
fn started(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    if matches!(fields.next()?, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

/// The processes that have `mark`, a `NAME=value`, in the environment they were started with. Blocks.
pub(super) fn marked(mark: &str) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    // Other users' processes cannot be read, and are not ours.
    pids.filter(|pid| {
        fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environment| {
            environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
        })
    })
    .collect()
}

/// Sends a signal; a process that is gone already needs none.
pub(super) fn tell(pid: u32, signal: Signal) {
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return };
    if let Err(error) = kill_process(pid, signal) {
        tracing::debug!(?pid, %error, "a process was not signalled");
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn the_start_time_is_found_behind_any_name() {
        let rest = "S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20";
        assert_eq!(started(&format!("12 (a) b) S ({}", "x")), None);
        assert_eq!(started(&format!("12 (sh (odd) 1 2 3) {rest}")), Some(4711));
        assert_eq!(started(&format!("12 (sh) {}", rest.replacen('S', "Z", 1))), None);
    }

    #[test]
    fn a_process_is_told_from_another_with_its_number() {
        let own = Trace::of(std::process::id()).unwrap();
        assert_eq!(Trace::from_state(&own.to_state()), Some(own.clone()));
        let mut earlier = own.to_state();
        earlier.insert("startTicks".to_owned(), json!(1));
        assert_ne!(Trace::from_state(&earlier), Some(own.clone()));
        let mut other_boot = own.to_state();
        other_boot.insert("bootId".to_owned(), json!("x"));
        assert_ne!(Trace::from_state(&other_boot), Some(own));
    }

    #[test]
    fn a_marked_process_is_found_and_ended() {
        let mark = format!("SYFTHUB_PROVISIONED=/test/{}", uuid::Uuid::now_v7());
        let (name, value) = mark.split_once('=').unwrap();
        let mut child = Command::new("cat").env(name, value).stdin(Stdio::piped()).spawn().unwrap();
        // The environment is the program's own as soon as it has begun; until then the process may show its parent's.
        while marked(&mark).is_empty() {
            std::thread::yield_now();
        }
        assert_eq!(marked(&mark), [child.id()]);
        tell(child.id(), Signal::TERM);
        child.wait().unwrap();
        assert!(marked(&mark).is_empty());
        assert_eq!(Trace::of(child.id()), None);
    }
}
