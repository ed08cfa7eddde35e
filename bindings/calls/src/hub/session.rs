//! The session of a client, which is known without asking anybody.

use syfthub_client::Client;
use syfthub_client::wire::auth::Tokens;

use crate::operation::operations;

operations! {
    /// The session of a client, which is known without asking anybody.
    OPERATIONS on Client;

    /// The tokens of the session, to be saved; null when nobody has signed in.
    call "session.tokens" [], () |hub| {
        Ok(hub.auth().tokens())
    }

    /// Goes on with the session that these tokens belong to, or forgets the one there is.
    call "session.set" [], (tokens: Option<Tokens>) |hub| {
        Ok(hub.auth().set_tokens(tokens).await?)
    }

    /// Whether calls are made in somebody's name.
    call "session.is_signed_in" [], () |hub| {
        Ok(hub.is_signed_in())
    }
}
