//! `errors.md`: what a client may meet, and what it should do.

use std::fmt::Write as _;

use super::cell;

const HEAD: &str = "# Errors

The body of every refusal is `{\"detail\": …}` in one of five shapes. Which one it is shows in the type of `detail`:

| `detail` | when | what a client shows |
|---|---|---|
| a text | nearly always | the text |
| an object with `code` and `message` | where a program may want to react | `message`; the codes are below |
| an object with `error` and `message` | minting a token | `message`; also carries `code`, the same word in capitals |
| a list of objects with `type`, `loc`, `msg` and `input` | 422: the request breaks rules; all of them are listed | `msg` at the field that `loc` ends with; `input` of a secret is `[redacted]` |
| a text, and `correlation_id` beside it | 500: nobody foresaw this | the id, which the hub's log has too |

Every answer carries `X-Correlation-ID`: the request's own when it is up to 64 letters, digits or `-_.:`, else a new one.

## Statuses

| status | means | what to do |
|---|---|---|
| 400 | What was asked for cannot be done as it is: a slug is taken, a password is wrong, an audience is unknown, the last owner would leave | Tell the user; the same request will not succeed |
| 401 | The token does not count: it is missing, expired, revoked, or its account is switched off. Also a refused login | Refresh the session once and repeat; else sign in again |
| 403 | The caller sees what they ask about, and may not do this; or a personal access token lacks the scope | Tell the user; another token of the same account may do |
| 404 | There is no such thing, or the caller may not see it; the two are not told apart | |
| 405 | The path takes other methods; `Allow` names them | |
| 408 | The body did not arrive in time | Repeat over a better connection |
| 409 | A name or an address belongs to somebody else, or what is to be changed has changed | Choose another, or read again and repeat |
| 413 | The body is larger than the hub takes | Send less |
| 415 | The body is not JSON | Send `Content-Type: application/json` |
| 422 | Fields break their rules | Correct what the list names |
| 424 | The accounting service refuses: it has an account of this address already, or the stored password is not its | Register again with `accounting_password`, or set the right one in the profile |
| 429 | Too many tries | Wait for the seconds that `Retry-After` gives |
| 500 | A mistake of the hub | Report it with the correlation id |
| 502 | A server that the hub asked on the caller's behalf could not be reached, or talks nonsense | Its owner has to act |
| 503 | Something that the hub needs is away, or the feature is not set up; with `Retry-After` when waiting helps | Wait, or do without |
| 504 | A server that the hub asked on the caller's behalf took too long | Repeat later |

## Codes

| code | status | means | what to do |
|---|---|---|---|
";

const LEDGER: &str = "
## Codes of the ledger

Refusals of the ledger's own paths (`/user`, `/users`, `/transaction`, `/transactions`, `/token`) are
`{\"detail\": text, \"message\": text, \"code\": word}`; below `/api/v1/accounting` the same words stand as `code` in `detail`.
One that has no word of its own has that of its status: `BAD_REQUEST`, `UNAUTHORIZED`, `FORBIDDEN`, `NOT_FOUND`,
`METHOD_NOT_ALLOWED`, `CONFLICT`, `TOO_LARGE`, `UNSUPPORTED_MEDIA_TYPE`, `INVALID`, `TOO_MANY_REQUESTS`, `UNAVAILABLE`, `INTERNAL`.

| code | status | means | what to do |
|---|---|---|---|
";

const VERIFY: &str = "
## Refused tokens

`POST /api/v1/verify` answers 200 also for a token that does not count; then `valid` is false and `error` is one of these:

| error | means |
|---|---|
";

/// A code, its statuses, what it means, and what to do about it.
type Code = (&'static str, &'static str, &'static str, &'static str);

/// The codes of shape E2 and E3, in the order of the alphabet.
#[rustfmt::skip]
const CODES: &[Code] = &[
    ("ACCOUNTING_ACCOUNT_EXISTS", "424", "The accounting service has an account of this address", "Register again with its password as `accounting_password`"),
    ("ACCOUNTING_SERVICE_UNAVAILABLE", "503", "The accounting service is away or refuses; nothing was registered", "Try again later"),
    ("CONFLICT", "409", "Another user has this username or address; `field` says which", "Choose another"),
    ("EMAIL_NOT_VERIFIED", "403", "The password is right, and the address is not verified yet", "Ask for a code and send it to `/auth/register/verify-otp`"),
    ("INVALID_ACCOUNTING_PASSWORD", "401, 424", "The accounting service knows the address by another password: 401 when registering, 424 later", "Ask for that password"),
    ("INVALID_OTP", "400", "The code is another one, or too old", "Ask the user to look again"),
    ("OTP_MAX_ATTEMPTS", "429", "The code was tried too often and is void", "Ask for a new one"),
    ("OTP_RATE_LIMITED", "429", "Too many codes were asked for", "Wait for the seconds that `Retry-After` gives"),
    ("SYNC_FAILED", "500", "The catalogue could not be replaced; it is as it was", "Send it again"),
    ("USER_ALREADY_EXISTS", "409", "The username or address is registered; `field` says which", "Choose another, or sign in"),
    ("VALIDATION_ERROR", "400", "Items of a catalogue contradict each other; `errors` lists them by `index` and `field`", "Correct them and send all again"),
    ("audience_inactive", "400", "The account that the token is for is switched off", "Nothing"),
    ("audience_not_found", "400", "Nobody has the name that the token is for", "Correct the name"),
    ("missing_audience", "400", "The name that the token is for is empty", "Name the owner of the endpoint"),
];

/// The words of the ledger, in the order of the alphabet.
#[rustfmt::skip]
const LEDGER_CODES: &[Code] = &[
    ("ACCOUNTS_NOT_OPEN", "403", "Accounts are opened with the ledger's admin key alone", "Register at the hub, or ask its operator"),
    ("ACCOUNT_EXISTS", "409", "The address has an account already", "Sign in with it"),
    ("BALANCE_TOO_LARGE", "422", "The recipient would have more than can be counted", "Pay less"),
    ("GRANT_EXHAUSTED", "403", "The grant is over, revoked, or does not cover the amount; the text says which", "Ask the payer for a new token"),
    ("IDEMPOTENCY_KEY_REUSED", "409", "The key belongs to another request", "Make a new key for a new request"),
    ("INSUFFICIENT_BALANCE", "422", "The payer has less than that", "Tell the payer"),
    ("INVALID", "422", "The amount is nothing, or a field breaks its rule", "Correct what the text names"),
    ("INVALID_TOKEN", "403", "The delegation token is none of this ledger's, or for another payer or payee", "Ask the payer for a new token"),
    ("NOT_FOUND", "404", "There is no such transaction or grant, or the caller has no part in it", ""),
    ("NOT_PENDING", "422", "The transaction has ended; the text says how", "Read it again"),
    ("NOT_YOURS", "403", "The sender or recipient named in the body is not who signs in", "Sign in as that one"),
    ("NO_ACCOUNT", "404", "The caller has no account here", "Register"),
    ("NO_GRANT", "403", "The payer has granted the caller nothing that is still good", "Ask the payer for a token"),
    ("NO_LEDGER", "404", "This hub keeps no ledger", "Use the service that the profile names"),
    ("SAME_ACCOUNT", "422", "Payer and payee are one", "Name another"),
    ("TOKEN_REQUIRED", "403", "This ledger takes no charge without the payer's token", "Send it as bearer, or as `token`"),
    ("UNKNOWN_ACCOUNT", "404", "Nobody has an account of that address", "Look at the address"),
    ("WRONG_PASSWORD", "400", "The old password is another one", "Ask for it again"),
];

/// What `error` of a refused token may be.
#[rustfmt::skip]
const REFUSED: &[(&str, &str)] = &[
    ("audience_mismatch", "It is for another service than the caller"),
    ("decode_error", "Its claims cannot be read"),
    ("invalid_issuer", "Another hub made it"),
    ("invalid_signature", "It was changed, or somebody else signed it"),
    ("invalid_token", "It names no subject"),
    ("invalid_token_format", "It is no token"),
    ("invalid_user_id", "Its subject is not a user's number"),
    ("missing_kid", "It does not name its key"),
    ("token_expired", "Its time is over"),
    ("unknown_key", "It names a key that is not the hub's"),
    ("user_inactive", "Its user's account is switched off"),
    ("user_not_found", "Its user is gone"),
    ("verification_error", "It is from the future, or breaks another rule"),
];

/// The page.
pub(super) fn page() -> String {
    let mut page = HEAD.to_owned();
    list(&mut page, CODES);
    page += LEDGER;
    list(&mut page, LEDGER_CODES);
    page += VERIFY;
    for (error, means) in REFUSED {
        writeln!(page, "| `{error}` | {} |", cell(means)).expect("a String takes everything");
    }
    page
}

fn list(page: &mut String, codes: &[Code]) {
    for (code, status, means, act) in codes {
        writeln!(page, "| `{code}` | {status} | {} | {} |", cell(means), cell(act))
            .expect("a String takes everything");
    }
}

#[cfg(test)]
mod tests {
    use super::super::source;

    #[test]
    fn the_page_explains_the_codes_that_the_code_sends_and_no_others() {
        let calls = ["::coded(", "ApiError::named(", "Self::named(", "audience(", "known_as("];
        let mut sent: Vec<String> = calls.into_iter().flat_map(source::words).collect();
        sent.sort();
        sent.dedup();
        sent.retain(|code| !matches!(code.as_str(), "code" | "error")); // the keys they stand at
        let words =
            |codes: &[super::Code]| -> Vec<&str> { codes.iter().map(|(code, ..)| *code).collect() };
        let of_the_ledger = words(super::LEDGER_CODES);
        assert!(of_the_ledger.is_sorted(), "in the order of the alphabet");
        sent.retain(|code| !of_the_ledger.contains(&code.as_str()));
        assert_eq!(words(super::CODES), sent, "in the order of the alphabet");
    }

    #[test]
    fn the_page_explains_every_word_of_the_ledger() {
        let mut sent = ["ACCOUNTS_NOT_OPEN", "NOT_YOURS"].map(str::to_owned).to_vec();
        for status in ["NOT_FOUND", "CONFLICT", "UNPROCESSABLE_ENTITY", "FORBIDDEN", "BAD_REQUEST"]
        {
            sent.extend(source::words(&format!("=> (StatusCode::{status}, ")));
        }
        for code in sent {
            assert!(super::LEDGER_CODES.iter().any(|(known, ..)| *known == code), "{code}");
        }
    }

    #[test]
    fn the_page_explains_why_tokens_are_refused() {
        for error in source::words("refused_token(") {
            assert!(super::REFUSED.iter().any(|(known, _)| *known == error), "{error}");
        }
    }
}
