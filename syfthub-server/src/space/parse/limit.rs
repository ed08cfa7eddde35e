//! What a parse worker denies itself before it reads a file of somebody else's.

/// Steps back behind everything else on this machine.
#[cfg(unix)]
#[expect(unsafe_code, reason = "the system offers its limits through foreign functions alone")]
pub(super) fn be_nice() {
    // SAFETY: `nice` takes a number and touches no memory of ours. What it answers does not matter: it is a favour.
    unsafe { libc::nice(10) };
}

/// At most so many bytes of memory of its own. On Linux that is what is written to, not the program's file; elsewhere the
/// whole address space.
#[cfg(unix)]
pub(super) fn memory(bytes: u64) {
    #[cfg(target_os = "linux")]
    const KIND: Kind = libc::RLIMIT_DATA;
    #[cfg(not(target_os = "linux"))]
    const KIND: Kind = libc::RLIMIT_AS;
    set(KIND, bytes);
}

/// At most so many further seconds of processor time; then the system ends the process. It holds also when nobody is left
/// who watches the time.
#[cfg(unix)]
pub(super) fn processor_seconds(seconds: u64) {
    set(libc::RLIMIT_CPU, used_seconds().saturating_add(seconds).saturating_add(1));
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
type Kind = libc::__rlimit_resource_t;
#[cfg(all(unix, not(all(target_os = "linux", target_env = "gnu"))))]
type Kind = libc::c_int;

/// Lowers or raises the soft limit; the hard one stays. A system that refuses keeps its own limits.
#[cfg(unix)]
#[expect(unsafe_code, reason = "the system offers its limits through foreign functions alone")]
fn set(kind: Kind, most: u64) {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both calls read or write one `rlimit` that lives on this stack.
    unsafe {
        if libc::getrlimit(kind, &raw mut limit) == 0 {
            limit.rlim_cur = most.min(limit.rlim_max);
            libc::setrlimit(kind, &raw const limit);
        }
    }
}

#[cfg(unix)]
#[expect(unsafe_code, reason = "the system offers its limits through foreign functions alone")]
fn used_seconds() -> u64 {
    // SAFETY: `rusage` is plain numbers, for which zero is a value, and the call writes one that lives on this stack.
    let used = unsafe {
        let mut used: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut used);
        used
    };
    u64::try_from(used.ru_utime.tv_sec + used.ru_stime.tv_sec).unwrap_or_default()
}

#[cfg(not(unix))]
pub(super) fn be_nice() {}

#[cfg(not(unix))]
pub(super) fn memory(_bytes: u64) {}

#[cfg(not(unix))]
pub(super) fn processor_seconds(_seconds: u64) {}
