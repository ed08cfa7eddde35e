//! The one function that decides who may do what (contract hub 5.1, 5.2), and in a file each what it decides on.

mod endpoint;
mod hub;
mod organization;
mod user;

pub use endpoint::{EndpointAction, EndpointFacts, Ownership};
pub use hub::{HubAction, HubFacts};
pub use organization::{OrganizationAction, OrganizationFacts};
pub use user::{UserAction, UserFacts};

use super::kinds::Role;
use crate::ids::UserId;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal {
    /// Nobody that the hub knows.
    Anonymous,
    /// A signed-in, active user.
    User {
        /// The user's number.
        id: UserId,
        /// What the user is to the hub.
        role: Role,
    },
}

impl Principal {
    /// The user's number, when it is one.
    pub const fn user(self) -> Option<UserId> {
        match self {
            Self::Anonymous => None,
            Self::User { id, .. } => Some(id),
        }
    }

    /// Whether this is the user `id`.
    pub fn is(self, id: UserId) -> bool {
        self.user() == Some(id)
    }

    /// Whether this is somebody who runs the hub.
    pub const fn is_site_admin(self) -> bool {
        matches!(self, Self::User { role: Role::Admin, .. })
    }
}

/// The decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Go ahead.
    Granted,
    /// It may be seen, but not this.
    Refused,
    /// It must look as if it were not there.
    Hidden,
}

impl Access {
    /// Whether it is [`Access::Granted`].
    pub fn is_granted(self) -> bool {
        self == Self::Granted
    }

    /// What somebody gets who can see a thing, or not, and may do what they ask for to what they see, or not.
    const fn of(visible: bool, allowed: bool) -> Self {
        match (visible, allowed) {
            (false, _) => Self::Hidden,
            (true, false) => Self::Refused,
            (true, true) => Self::Granted,
        }
    }
}

/// A kind of thing that rights are about, described by all that a decision about one depends on.
pub trait Resource {
    /// What can be asked for.
    type Action;

    /// Decides whether `principal` may do `action`.
    fn judge(self, principal: Principal, action: Self::Action) -> Access;
}

/// Decides whether `principal` may do `action` to `resource`. What cannot be seen is [`Access::Hidden`], whatever was
/// asked.
pub fn authorize<R: Resource>(principal: Principal, action: R::Action, resource: R) -> Access {
    resource.judge(principal, action)
}
