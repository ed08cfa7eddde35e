//! Files and folders for their owner alone.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a folder that only its owner can enter, with the folders above it. One that is there stays as it is.
///
/// # Errors
/// When it cannot be made.
///
/// ```no_run
/// use std::path::Path;
/// use syfthub_client::credentials::private;
///
/// private::create_folder(Path::new("/home/ada/.config/syfthub"))?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes files that are created with these options, for writing, readable by their owner alone.
///
/// ```no_run
/// use std::fs::OpenOptions;
/// use syfthub_client::credentials::private;
///
/// let file = private::file(OpenOptions::new().create(true).truncate(true)).open("key")?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn file(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.write(true)
}
