//! The hubs this space is connected to (contract space 1.6).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::wire::auth::Registration;
use syfthub_core::{Email, Invalid, Secret, Username};
use url::Url;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Message, removed};
use crate::http::{ApiError, Json, Path, Query};
use crate::space::access::Actor;
use crate::space::error::SpaceError;
use crate::space::hub::{Marketplace, MarketplacePatch, NewAccount};
use crate::space::ids::MarketplaceId;
use crate::space::node::Space;

/// The routes of this file.
pub(super) fn routes() -> OpenApiRouter<Space> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(register))
        .routes(routes!(connect))
        .routes(routes!(check_username))
        .routes(routes!(balance))
        .routes(routes!(show, edit, remove))
}

/// An account at a hub.
#[derive(Debug, ToSchema)]
struct Account {
    /// The default hub's unless given.
    #[schema(value_type = Option<String>, format = "uri")]
    url: Option<Url>,
    username: String,
    #[schema(value_type = String, format = Password)]
    password: Secret,
    /// An organization to publish for, instead of the account itself.
    organization: Option<String>,
}

impl Input for Account {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let username = fields.text("username", 1, 255);
        let password: Option<Secret> = fields.required("password");
        let url = optional_url(&mut fields);
        let organization = fields.optional_text("organization", 63);
        Some(Self { url: url?, username: username?, password: password?, organization })
    }
}

/// A required field that holds an address of the web.
pub(super) fn web_url(fields: &mut Fields<'_, '_, '_>, name: &str) -> Option<Url> {
    let text = fields.text(name, 1, 500)?;
    match Url::parse(text.trim()) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.query().is_none() => Some(url),
        _ => fields
            .refuse(name, Invalid::value("expected an address such as https://hub.example.org")),
    }
}

/// The address of a hub, if one is given: nothing at all when it does not fit.
#[expect(clippy::option_option, reason = "a field that is refused is not one that is left out")]
fn optional_url(fields: &mut Fields<'_, '_, '_>) -> Option<Option<Url>> {
    match fields.raw("url") {
        None | Some(Value::Null) => Some(None),
        Some(_) => web_url(fields, "url").map(Some),
    }
}

/// The address that was given, or that of the hub that is meant when none is.
fn hub_url(space: &Space, actor: &Actor, given: Option<Url>) -> Result<Url, ApiError> {
    given.or_else(|| space.default_hub_url(actor.tenant)).ok_or_else(|| {
        ApiError::bad_request("Name the hub's `url`: no hub is connected, and SPACE_HUB is not set")
    })
}

/// An account to be made at a hub.
#[derive(Debug, ToSchema)]
struct Registrant {
    /// What the hub is to be called here; its host unless given.
    name: Option<String>,
    #[schema(value_type = String)]
    username: Username,
    #[schema(value_type = String)]
    email: Email,
    #[schema(value_type = String, format = Password)]
    password: Secret,
    /// The default hub's unless given.
    #[schema(value_type = Option<String>, format = "uri")]
    url: Option<Url>,
    /// The accounting service to link, when it is not the hub's default one.
    accounting_url: Option<String>,
    /// The password of the account there, when it exists already.
    #[schema(value_type = Option<String>, format = Password)]
    accounting_password: Option<Secret>,
}

impl Input for Registrant {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let username: Option<Username> = fields.required("username");
        let email: Option<Email> = fields.required("email");
        let password: Option<Secret> = fields.required("password");
        let name = fields.optional_text("name", 100).filter(|name| !name.trim().is_empty());
        let accounting_url = fields.optional_text("accounting_url", 500);
        let accounting_password = fields.optional("accounting_password");
        let url = optional_url(&mut fields);
        Some(Self {
            name,
            username: username?,
            email: email?,
            password: password?,
            url: url?,
            accounting_url,
            accounting_password,
        })
    }
}

/// What to change of a hub.
#[derive(Debug, ToSchema)]
struct Change {
    name: Option<String>,
    /// Whether it is used.
    is_active: Option<bool>,
    /// `true` makes it the one that is meant when none is named.
    is_default: Option<bool>,
}

impl Input for Change {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let name = fields.optional_text("name", 100).filter(|name| !name.trim().is_empty());
        let change = Self {
            name,
            is_active: fields.optional("is_active"),
            is_default: fields.optional("is_default"),
        };
        let is_empty =
            change.name.is_none() && change.is_active.is_none() && change.is_default.is_none();
        if is_empty {
            return fields.refuse("name", Invalid::value("name at least one field to change"));
        }
        Some(change)
    }
}

/// What becomes of the rest when a hub is removed.
#[derive(Debug)]
struct Removal {
    default: Option<MarketplaceId>,
    force: bool,
}

impl Input for Removal {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let default = fields.optional("default");
        let force = fields.optional_text("force", 5).is_some_and(|force| force == "true");
        Some(Self { default, force })
    }
}

/// A name to look up at a hub.
#[derive(Debug)]
struct Name {
    username: String,
}

impl Input for Name {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Fields::of(value, place)?.text("username", 1, 255).map(|username| Self { username })
    }
}

/// Where to look it up.
#[derive(Debug)]
struct At {
    url: Option<Url>,
}

impl Input for At {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        optional_url(&mut Fields::of(value, place)?).map(|url| Self { url })
    }
}

/// What is left of an account's money.
#[derive(Debug, Serialize, ToSchema)]
struct Balance {
    balance: f64,
}

/// A hub's id in the path.
#[derive(Debug)]
struct Id {
    id: MarketplaceId,
}

impl Input for Id {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Fields::of(value, place)?.required("id").map(|id| Self { id })
    }
}

/// Lists the hubs that the space is connected to.
#[utoipa::path(get, path = "/marketplaces", tag = "marketplaces", security(("bearer" = [])), responses(
    (status = 200, body = Vec<Marketplace>),
    (status = 401, description = "Neither the admin key nor a session"),
    (status = 403, description = "An account of another tenant"),
))]
async fn list(
    State(space): State<Space>,
    actor: Actor,
) -> Result<Json<Vec<Marketplace>>, ApiError> {
    Ok(Json(space.marketplaces(actor.tenant).await?))
}

/// Shows a hub.
#[utoipa::path(get, path = "/marketplaces/{id}", tag = "marketplaces", security(("bearer" = [])),
    params(("id" = MarketplaceId, Path, description = "The hub")),
    responses(
        (status = 200, body = Marketplace),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such hub"),
))]
async fn show(
    State(space): State<Space>,
    actor: Actor,
    Path(Id { id }): Path<Id>,
) -> Result<Json<Marketplace>, ApiError> {
    let all = space.marketplaces(actor.tenant).await?;
    let found = all.into_iter().find(|marketplace| marketplace.id == id);
    Ok(Json(found.ok_or(SpaceError::NotFound("marketplace"))?))
}

/// Connects to a hub with an account there, or gives a connected hub another account.
#[utoipa::path(post, path = "/marketplaces/connect", tag = "marketplaces", security(("bearer" = [])),
    request_body = Account,
    responses(
        (status = 201, body = Marketplace),
        (status = 400, description = "No hub is named, and there is no default one"),
        (status = 401, description = "Neither the admin key nor a session, or the hub refuses the account"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "The account has no such organization"),
        (status = 422, description = "A field does not fit"),
        (status = 502, description = "The hub does not answer as one"),
))]
async fn connect(
    State(space): State<Space>,
    actor: Actor,
    Json(account): Json<Account>,
) -> Result<Response, ApiError> {
    let Account { url, username, password, organization } = account;
    let url = hub_url(&space, &actor, url)?;
    let organization = organization.as_deref().filter(|name| !name.is_empty());
    let connected =
        space.connect_marketplace(&actor, &url, &username, &password, organization).await?;
    Ok((StatusCode::CREATED, Json(connected)).into_response())
}

/// Makes an account at a hub and connects to it.
#[utoipa::path(post, path = "/marketplaces/register", tag = "marketplaces", security(("bearer" = [])),
    request_body = Registrant,
    responses(
        (status = 201, body = Marketplace),
        (status = 400, description = "No hub is named, or it wants the address to be verified first"),
        (status = 401, description = "Neither the admin key nor a session, or the hub's accounting refuses the password"),
        (status = 403, description = "An account of another tenant"),
        (status = 409, description = "The name or the address is taken at the hub"),
        (status = 422, description = "A field does not fit"),
        (status = 424, description = "The hub's accounting has an account of this address already"),
        (status = 502, description = "The hub does not answer as one"),
))]
async fn register(
    State(space): State<Space>,
    actor: Actor,
    Json(new): Json<Registrant>,
) -> Result<Response, ApiError> {
    let url = hub_url(&space, &actor, new.url)?;
    let full_name = new.username.to_string();
    let mut registration = Registration::new(new.username, new.email, full_name, new.password);
    registration.accounting_service_url = new.accounting_url;
    registration.accounting_password = new.accounting_password;
    let account = NewAccount { url, name: new.name, registration };
    let made = space.register_marketplace(&actor, account).await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

/// Says whether nobody at the hub goes by this name yet.
#[utoipa::path(get, path = "/marketplaces/check-username/{username}", tag = "marketplaces", security(("bearer" = [])),
    params(
        ("username" = String, Path, description = "The name"),
        ("url" = Option<String>, Query, description = "The hub; the default one unless given"),
    ),
    responses(
        (status = 200, body = bool),
        (status = 400, description = "No hub is named, and there is no default one"),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 422, description = "A parameter does not fit"),
        (status = 502, description = "The hub does not answer as one"),
))]
async fn check_username(
    State(space): State<Space>,
    actor: Actor,
    Path(Name { username }): Path<Name>,
    Query(At { url }): Query<At>,
) -> Result<Json<bool>, ApiError> {
    let url = hub_url(&space, &actor, url)?;
    Ok(Json(space.is_username_free(&url, &username).await?))
}

/// Says what is left of the account's money, by the default hub's accounting.
#[utoipa::path(get, path = "/marketplaces/balance", tag = "marketplaces", security(("bearer" = [])), responses(
    (status = 200, body = Balance),
    (status = 400, description = "The account has no accounting service"),
    (status = 401, description = "Neither the admin key nor a session"),
    (status = 403, description = "An account of another tenant"),
    (status = 404, description = "No hub is connected"),
    (status = 502, description = "The hub does not answer as one"),
))]
async fn balance(State(space): State<Space>, actor: Actor) -> Result<Json<Balance>, ApiError> {
    Ok(Json(Balance { balance: space.balance(actor.tenant).await? }))
}

/// Renames a hub, switches it on or off, or makes it the default one.
#[utoipa::path(patch, path = "/marketplaces/{id}", tag = "marketplaces", security(("bearer" = [])),
    params(("id" = MarketplaceId, Path, description = "The hub")),
    request_body = Change,
    responses(
        (status = 200, body = Marketplace),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such hub"),
        (status = 422, description = "A field does not fit, or nothing is to be changed"),
))]
async fn edit(
    State(space): State<Space>,
    actor: Actor,
    Path(Id { id }): Path<Id>,
    Json(Change { name, is_active, is_default }): Json<Change>,
) -> Result<Json<Marketplace>, ApiError> {
    let patch = MarketplacePatch { name, is_active, is_default };
    Ok(Json(space.edit_marketplace(&actor, id, patch).await?))
}

/// Takes everything off a hub that this space listed there, and disconnects from it.
#[utoipa::path(delete, path = "/marketplaces/{id}", tag = "marketplaces", security(("bearer" = [])),
    params(
        ("id" = MarketplaceId, Path, description = "The hub"),
        ("default" = Option<MarketplaceId>, Query, description = "The hub that becomes the default one, when this is it"),
        ("force" = Option<bool>, Query, description = "Also when the hub does not take everything off now"),
    ),
    responses(
        (status = 200, body = Message),
        (status = 400, description = "It is the default one, and no other is named"),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such hub"),
        (status = 409, description = "The hub still lists something of this space"),
        (status = 422, description = "A parameter does not fit"),
))]
async fn remove(
    State(space): State<Space>,
    actor: Actor,
    Path(Id { id }): Path<Id>,
    Query(Removal { default, force }): Query<Removal>,
) -> Result<Json<Message>, ApiError> {
    space.remove_marketplace(&actor, id, default, force).await?;
    Ok(removed("Marketplace"))
}
