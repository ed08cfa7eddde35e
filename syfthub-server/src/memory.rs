//! What the process gives back to the system.
//!
//! glibc raises its thresholds when large blocks are freed, and then keeps what parsing documents and hashing passwords took
//! for as long as the process lives: some 70 MB after a few hundred pages. Fixed thresholds give it back.

/// Larger blocks come from the system and go back to it; the heap's free end goes back when it is larger than this.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const THRESHOLD: libc::c_int = 128 * 1024;

/// Makes the allocator give back what is free. Call it first thing in `main`, before there are threads.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(
    unsafe_code,
    reason = "the C library offers these settings through a foreign function alone"
)]
pub fn give_back_what_is_free() {
    // SAFETY: `mallopt` takes two numbers, keeps no pointer, and may be called before the first thread is started.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, THRESHOLD);
        libc::mallopt(libc::M_TRIM_THRESHOLD, THRESHOLD);
    }
}

/// Does nothing: this system's allocator gives back what is free by itself.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_back_what_is_free() {}
