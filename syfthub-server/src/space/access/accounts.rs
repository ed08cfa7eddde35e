//! People with a password: the first one comes with a setup token from the space's own files, others are let in by those
//! who are there (contract space 7.2).

use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use syfthub_core::input::{Fields, Input, Issue, Part, Place};
use syfthub_core::{Email, Invalid, Password, Secret, Timestamp};
use utoipa::ToSchema;

use super::Actor;
use crate::db::StoreError;
use crate::http::{ApiError, CorrelationId};
use crate::identity::Passwords;
use crate::shared::{Limit, Usage, Windows};
use crate::space::error::SpaceError;
use crate::space::ids::{AccountId, TenantId};
use crate::space::node::Space;
use crate::space::store::accounts::{self as store, AccountRow};

/// Passwords checked at the same time, and callers who wait for that.
const HASHERS: usize = 1;
const QUEUE: usize = 64;

/// Addresses whose failed logins are remembered.
const REMEMBERED: usize = 10_000;

/// What accounts need besides their table.
pub(crate) struct Accounts {
    passwords: Passwords,
    failures: Windows,
}

impl Accounts {
    pub(crate) fn new() -> Self {
        Self { passwords: Passwords::new(HASHERS, QUEUE), failures: Windows::new(REMEMBERED) }
    }
}

/// An account to be made (contract space 1.6).
#[derive(Debug, Clone, ToSchema)]
pub(crate) struct NewAccount {
    /// What its owner signs in with.
    #[schema(value_type = String, format = Email)]
    email: Email,
    /// At least as long as `SPACE_PASSWORD_MIN_LENGTH`, with a letter and a digit.
    #[schema(value_type = String, format = Password)]
    password: Secret,
    /// The tenant it administers.
    #[schema(default = "root")]
    tenant_name: String,
    /// Lets the first account in: it stands in the state directory as `setup.token` until there is one.
    #[schema(value_type = Option<String>)]
    pub(crate) setup_token: Option<Secret>,
}

impl Input for NewAccount {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let email = fields.required("email");
        let password = fields.required("password");
        let tenant_name = fields.text_or("tenant_name", 1, 100, "root");
        let setup_token = fields.optional("setup_token");
        Some(Self { email: email?, password: password?, tenant_name: tenant_name?, setup_token })
    }
}

/// An account as its owner sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Account {
    id: AccountId,
    email: String,
    tenant_name: String,
    /// RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// A session that has begun (contract space 1.6).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignedIn {
    /// To be sent as `Authorization: Bearer`.
    access_token: String,
    /// Always `bearer`.
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
}

impl Space {
    /// The account that the token is of, while both count.
    pub(super) async fn account_of(&self, token: &str) -> Result<Option<AccountRow>, ApiError> {
        let Some(session) = self.sessions.read(token, self.clock.now()) else { return Ok(None) };
        let found = self
            .db
            .read(move |tx| Box::pin(async move { store::by_id(tx, session.account).await }));
        let found: Option<AccountRow> = found.await.map_err(|error: StoreError| error)?;
        Ok(found.filter(|account| account.password_set_at <= session.began_at))
    }

    /// Makes an account: for whoever may act for its tenant, or the first one of all for whoever has the setup token.
    pub(crate) async fn register(
        &self,
        actor: Option<Actor>,
        new: NewAccount,
        request: CorrelationId,
    ) -> Result<Account, ApiError> {
        let tenant = self.tenants.named(&new.tenant_name)?;
        let actor = match actor {
            Some(actor) if actor.tenant == tenant || actor.may_run_the_node() => actor,
            Some(_) => return Err(ApiError::not_found("Tenant not found")),
            None => self.first_owner(&new, tenant).await?,
        };
        let length = self.config.access.password_min_length;
        let password = Password::parse(new.password.expose(), length)
            .map_err(|invalid| unfit("password", invalid))?;
        let hash = self.accounts.passwords.hash(password.secret()).await?;
        let now = self.clock.now();
        let row = AccountRow {
            id: AccountId::new(),
            tenant,
            email: new.email.as_str().to_owned(),
            password_hash: hash,
            password_set_at: now,
            created_at: now,
        };
        let (stored, trace) = (row.clone(), actor.trace(now));
        let is_first = actor.is_program();
        let inserted = self.db.write(move |tx| {
            Box::pin(async move {
                // Two first owners at once: the second finds the first.
                if is_first && store::count(tx).await? > 0 {
                    return Err(StoreError::Aborted);
                }
                store::insert(tx, &stored).await?;
                let subject = format!("account:{}", stored.id);
                trace.note(tx, "account.create", subject, json!({"email": stored.email})).await
            })
        });
        inserted.await.map_err(|error| match error {
            StoreError::Conflict { .. } => {
                ApiError::plain(StatusCode::CONFLICT, "An account with this address exists already")
            }
            StoreError::Aborted => forbidden(),
            error => error.into(),
        })?;
        self.forget_setup_token().await;
        tracing::info!(account = %row.id, correlation_id = request.as_str(), "account made");
        Ok(Account {
            id: row.id,
            email: row.email,
            tenant_name: new.tenant_name,
            created_at: row.created_at,
        })
    }

    /// Lets the bearer of the setup token act, as long as there is no account.
    async fn first_owner(&self, new: &NewAccount, tenant: TenantId) -> Result<Actor, ApiError> {
        let expected = self.setup_token().await?;
        let given = new.setup_token.as_ref();
        let holds = expected
            .is_some_and(|expected| given.is_some_and(|given| expected.matches(given.expose())));
        if holds && tenant == TenantId::ROOT { Ok(Actor::program()) } else { Err(forbidden()) }
    }

    /// What lets the first account in; `None` once there is an account.
    async fn setup_token(&self) -> Result<Option<Secret>, ApiError> {
        let accounts = self.db.read(|tx| Box::pin(async move { store::count(tx).await }));
        let accounts: i64 = accounts.await.map_err(|error: StoreError| error)?;
        if accounts > 0 {
            return Ok(None);
        }
        let state = self.state.clone();
        let token = tokio::task::spawn_blocking(move || state.setup_token()).await;
        match token {
            Ok(Ok(token)) => Ok(Some(token)),
            Ok(Err(error)) => {
                Err(SpaceError::broken("the setup token cannot be read", error).into())
            }
            Err(error) => Err(SpaceError::from(error).into()),
        }
    }

    /// Writes the setup token, and says where it is, as long as there is no account.
    pub(crate) async fn offer_setup(&self) {
        if let Ok(Some(_)) = self.setup_token().await {
            let file = self.state.setup_token_file();
            tracing::info!(file = %file.display(), "no account yet: the setup token lets the first one in");
        }
    }

    async fn forget_setup_token(&self) {
        // It is worth nothing any more; a file that stays does no harm.
        tokio::fs::remove_file(self.state.setup_token_file()).await.ok();
    }

    /// Begins a session.
    pub(crate) async fn sign_in(
        &self,
        email: &str,
        password: &Secret,
    ) -> Result<SignedIn, ApiError> {
        let email = email.trim().to_lowercase();
        self.within_limit(&email, Usage::Look)?;
        let asked = email.clone();
        let found =
            self.db.read(move |tx| Box::pin(async move { store::by_email(tx, &asked).await }));
        let found: Option<AccountRow> = found.await.map_err(|error: StoreError| error)?;
        let stored = found.as_ref().map(|account| account.password_hash.as_str());
        let right = self.accounts.passwords.matches(password, stored).await?;
        let Some(account) = found.filter(|_| right) else {
            self.within_limit(&email, Usage::Note).ok();
            return Err(ApiError::unauthorized("Wrong e-mail address or password"));
        };
        Ok(self.session_of(&account))
    }

    fn session_of(&self, account: &AccountRow) -> SignedIn {
        let tenant = self.tenants.name(account.tenant).unwrap_or_default();
        let (token, expires_in) = self.sessions.begin(account.id, &tenant, self.clock.now());
        SignedIn { access_token: token.expose().to_owned(), token_type: "bearer", expires_in }
    }

    fn within_limit(&self, email: &str, usage: Usage) -> Result<(), ApiError> {
        let Limit::AtMost(rate) = self.config.access.limit_login else { return Ok(()) };
        let now = self.clock.now();
        let verdict = self.accounts.failures.apply(rate, email, now, usage);
        if verdict.allowed || usage == Usage::Note {
            return Ok(());
        }
        let wait = rate.wait(verdict.end, now);
        let detail = "Too many failed logins with this address, try again later";
        Err(ApiError::later(StatusCode::TOO_MANY_REQUESTS, detail, wait))
    }

    /// Replaces the password of the account that acts; every session of it ends, and a new one begins.
    pub(crate) async fn change_password(
        &self,
        actor: &Actor,
        current: &Secret,
        new: &Secret,
    ) -> Result<SignedIn, ApiError> {
        let id = actor
            .account_id()
            .ok_or_else(|| ApiError::bad_request("The admin key has no password"))?;
        let found = self.db.read(move |tx| Box::pin(async move { store::by_id(tx, id).await }));
        let found: Option<AccountRow> = found.await.map_err(|error: StoreError| error)?;
        let mut account = found.ok_or_else(|| ApiError::not_found("Account not found"))?;
        self.within_limit(&account.email, Usage::Look)?;
        let stored = Some(account.password_hash.as_str());
        if !self.accounts.passwords.matches(current, stored).await? {
            self.within_limit(&account.email, Usage::Note).ok();
            return Err(ApiError::unauthorized("The current password is wrong"));
        }
        let length = self.config.access.password_min_length;
        let new = Password::parse(new.expose(), length)
            .map_err(|invalid| unfit("new_password", invalid))?;
        account.password_hash = self.accounts.passwords.hash(new.secret()).await?;
        account.password_set_at = self.clock.now();
        let (row, trace) = (account.clone(), actor.trace(account.password_set_at));
        let changed = self.db.write(move |tx| {
            Box::pin(async move {
                store::set_password(tx, row.id, &row.password_hash, row.password_set_at).await?;
                trace.note(tx, "account.password", format!("account:{}", row.id), json!({})).await
            })
        });
        changed.await.map_err(|error: StoreError| error)?;
        Ok(self.session_of(&account))
    }
}

fn unfit(field: &str, invalid: Invalid) -> ApiError {
    ApiError::Invalid(vec![Issue {
        kind: invalid.kind,
        loc: ["body", field].map(|part| Part::Field(part.to_owned())).to_vec(),
        msg: invalid.message.into_owned(),
        // A password is not sent back.
        input: Value::Null,
    }])
}

fn forbidden() -> ApiError {
    ApiError::forbidden(
        "Send the admin key or an owner's token, or for the first account the `setup_token` from the state directory",
    )
}
