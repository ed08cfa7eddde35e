//! How a space reads files.

use std::path::PathBuf;
use std::time::Duration;

use super::values;

/// How a space reads files.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Ingestion")]
pub struct IngestionSettings {
    /// Files parsed at the same time
    #[arg(long, env = "SPACE_PARSERS", value_name = "SPACE_PARSERS", default_value = "2", value_parser = values::count)]
    pub parsers: usize,

    /// Seconds after which a file's parser is given up
    #[arg(long, env = "SPACE_PARSE_TIMEOUT", value_name = "SPACE_PARSE_TIMEOUT", default_value = "60", value_parser = values::seconds)]
    pub parse_timeout: Duration,

    /// Largest file in bytes; larger ones fail
    #[arg(long, env = "SPACE_MAX_FILE_BYTES", value_name = "SPACE_MAX_FILE_BYTES", default_value = "67108864", value_parser = values::count)]
    pub max_file_bytes: usize,

    /// Bytes of memory that a file's parser may take
    #[arg(long, env = "SPACE_PARSE_MEMORY_BYTES", value_name = "SPACE_PARSE_MEMORY_BYTES", default_value = "536870912", value_parser = values::count)]
    pub parse_memory_bytes: usize,

    /// Bytes to which a packed file (DOCX, XLSX, EPUB) may unpack
    #[arg(long, env = "SPACE_MAX_UNPACKED_BYTES", value_name = "SPACE_MAX_UNPACKED_BYTES", default_value = "268435456", value_parser = values::count)]
    pub max_unpacked_bytes: usize,

    /// Times its packed size to which a large part of a packed file may unpack
    #[arg(long, env = "SPACE_MAX_UNPACK_RATIO", value_name = "SPACE_MAX_UNPACK_RATIO", default_value = "200", value_parser = values::count)]
    pub max_unpack_ratio: usize,

    /// Parts that a packed file may have
    #[arg(long, env = "SPACE_MAX_ARCHIVE_PARTS", value_name = "SPACE_MAX_ARCHIVE_PARTS", default_value = "10000", value_parser = values::count)]
    pub max_archive_parts: usize,

    /// Bytes of text that a file may hold
    #[arg(long, env = "SPACE_MAX_TEXT_BYTES", value_name = "SPACE_MAX_TEXT_BYTES", default_value = "67108864", value_parser = values::count)]
    pub max_text_bytes: usize,

    /// Program that parses files in a process of its own; this very program unless given
    #[arg(long, env = "SPACE_PARSER_PROGRAM", value_name = "SPACE_PARSER_PROGRAM")]
    pub parser_program: Option<PathBuf>,

    /// Seconds that a changed file has to be left alone before it is read
    #[arg(long, env = "SPACE_WATCH_DELAY", value_name = "SPACE_WATCH_DELAY", default_value = "0.5", value_parser = values::seconds)]
    pub watch_delay: Duration,

    /// Tries of a file whose failure may pass by itself, such as one that another program holds
    #[arg(long, env = "SPACE_INGEST_ATTEMPTS", value_name = "SPACE_INGEST_ATTEMPTS", default_value = "6", value_parser = values::few)]
    pub attempts: u32,

    /// Seconds before the second try; each further one waits twice as long, up to five minutes
    #[arg(long, env = "SPACE_INGEST_RETRY_AFTER", value_name = "SPACE_INGEST_RETRY_AFTER", default_value = "2", value_parser = values::seconds)]
    pub retry_after: Duration,
}
