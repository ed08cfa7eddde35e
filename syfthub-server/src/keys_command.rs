//! `syfthub-server keys`: looking at the signing keys, replacing them, and forgetting dead ones.

use std::fmt::Write as _;

use syfthub_core::{Clock as _, Timestamp};

use crate::clock::SystemClock;
use crate::config::{KeysAction, KeysCommand};
use crate::db::{Db, Schema};
use crate::identity::{Rotation, State};
use crate::running::StartError;

/// Does what the command line says to the keys in the database, and tells what came of it.
///
/// # Errors
/// When a setting cannot be used or the database does not open.
pub async fn run(command: &KeysCommand) -> Result<String, StartError> {
    let database = &command.database;
    let db = Db::open(&database.url, Schema::Hub, database.options()).await?;
    let vault = command.encryption.vault(&command.secret_key);
    let rotation = Rotation { db: &db, vault: &vault, settings: &command.keys };
    let answer = perform(&rotation, command, SystemClock.now()).await;
    db.close().await;
    answer
}

async fn perform(
    rotation: &Rotation<'_>,
    command: &KeysCommand,
    now: Timestamp,
) -> Result<String, StartError> {
    let given = [
        ("RSA_PRIVATE_KEY_PEM", command.keys.rsa_private_key_pem.is_some()),
        ("RSA_PRIVATE_KEY_PATH", command.keys.rsa_private_key_path.is_some()),
    ];
    match command.action {
        KeysAction::List => table(rotation, now).await,
        KeysAction::Rotate { now: soon } => {
            if let Some((setting, _)) = given.into_iter().find(|(_, is_given)| *is_given) {
                let reason = "the key that signs is given here: replace it, and put the public half of the old one as a \
                              .jwk file into RSA_KEYS_DIRECTORY for an hour";
                return Err(StartError::setting(setting, reason));
            }
            rotation.rotate(now, soon).await?;
            table(rotation, now).await
        }
        KeysAction::Prune => {
            let forgotten = rotation.prune(now).await?;
            Ok(match forgotten.as_slice() {
                [] => "no key is dead".to_owned(),
                kids => format!("forgot {}", kids.join("\nforgot ")),
            })
        }
    }
}

/// The keys, newest first, one on a line.
async fn table(rotation: &Rotation<'_>, now: Timestamp) -> Result<String, StartError> {
    let mut text = String::new();
    for key in rotation.list(now).await? {
        let state = match key.state {
            State::Next(from) => format!("signs from {from}"),
            State::Signing => "signs".to_owned(),
            State::Retired(until) => format!("published until {until}"),
        };
        writeln!(text, "{}  made {}  {state}", key.kid, key.created_at).expect("text takes text");
    }
    if text.is_empty() {
        "no key is stored; the hub makes the first one when it starts".clone_into(&mut text);
    }
    Ok(text)
}
