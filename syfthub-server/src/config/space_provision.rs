//! How a space runs the servers that datasets are stored in.

use std::time::Duration;

use clap::ValueEnum;

use super::values;

/// Servers of stores that the space starts and stops itself.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Provisioned stores")]
pub struct ProvisionSettings {
    /// How stores are run: as processes, in Docker, or whichever is there
    #[arg(
        long,
        env = "SPACE_PROVISIONER",
        value_name = "SPACE_PROVISIONER",
        default_value = "auto",
        value_enum
    )]
    pub provisioner: ProvisionerChoice,

    /// Chroma's program, with arguments separated by spaces, such as `/opt/chroma/bin/chroma` or `uvx --from chromadb chroma`
    #[arg(
        long,
        env = "SPACE_CHROMA_COMMAND",
        value_name = "SPACE_CHROMA_COMMAND",
        default_value = "chroma",
        value_parser = program
    )]
    pub chroma_command: String,

    /// Chroma's image, where it runs in Docker
    #[arg(
        long,
        env = "SPACE_CHROMA_IMAGE",
        value_name = "SPACE_CHROMA_IMAGE",
        default_value = "chromadb/chroma:1.5.9",
        value_parser = program
    )]
    pub chroma_image: String,

    /// Seconds after which a store that was started and does not answer has failed
    #[arg(
        id = "space_provision_start_timeout",
        long = "provision-start-timeout",
        env = "SPACE_PROVISION_START_TIMEOUT",
        value_name = "SPACE_PROVISION_START_TIMEOUT",
        default_value = "60",
        value_parser = values::seconds
    )]
    pub start_timeout: Duration,

    /// Seconds that a store has to end by itself before it is killed
    #[arg(
        id = "space_provision_stop_timeout",
        long = "provision-stop-timeout",
        env = "SPACE_PROVISION_STOP_TIMEOUT",
        value_name = "SPACE_PROVISION_STOP_TIMEOUT",
        default_value = "10",
        value_parser = values::seconds
    )]
    pub stop_timeout: Duration,

    /// Seconds between looks at a running store
    #[arg(
        id = "space_provision_interval",
        long = "provision-interval",
        env = "SPACE_PROVISION_INTERVAL",
        value_name = "SPACE_PROVISION_INTERVAL",
        default_value = "2",
        value_parser = values::seconds
    )]
    pub interval: Duration,
}

/// How stores are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[non_exhaustive]
pub enum ProvisionerChoice {
    /// As processes where the program is installed, else in Docker where an engine answers.
    Auto,
    /// As processes of this machine.
    Process,
    /// In containers of this machine's Docker engine.
    Docker,
}

fn program(text: &str) -> Result<String, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() {
        Err("expected the name of a program".to_owned())
    } else {
        Ok(words.join(" "))
    }
}
