//! The one function that decides who may do what (contract hub 5.2).

use super::kinds::{Role, Visibility};
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
    /// Whether this is the user `id`.
    pub fn is(self, id: UserId) -> bool {
        matches!(self, Self::User { id: own, .. } if own == id)
    }

    fn is_admin(self) -> bool {
        matches!(self, Self::User { role: Role::Admin, .. })
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// See it and call it.
    Read,
    /// Change or delete it.
    Write,
}

/// What the decision about an endpoint depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndpointFacts {
    /// The user who owns it.
    pub owner: UserId,
    /// Whether that user's account is active.
    pub owner_is_active: bool,
    /// Who sees it.
    pub visibility: Visibility,
    /// Whether it is switched on.
    pub is_active: bool,
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

/// Decides whether `principal` may do `action` to the endpoint. What cannot be seen is [`Access::Hidden`], whatever
/// was asked.
pub fn authorize(principal: Principal, action: Action, endpoint: EndpointFacts) -> Access {
    let in_charge = principal.is(endpoint.owner) || principal.is_admin();
    let visible = in_charge
        || (endpoint.is_active
            && endpoint.owner_is_active
            && match endpoint.visibility {
                Visibility::Public => true,
                Visibility::Internal => principal != Principal::Anonymous,
                Visibility::Private => false,
            });
    match (visible, action) {
        (false, _) => Access::Hidden,
        (true, Action::Write) if !in_charge => Access::Refused,
        (true, _) => Access::Granted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: Principal = Principal::User { id: UserId(1), role: Role::User };
    const STRANGER: Principal = Principal::User { id: UserId(2), role: Role::User };
    const ADMIN: Principal = Principal::User { id: UserId(3), role: Role::Admin };

    fn endpoint(visibility: Visibility) -> EndpointFacts {
        EndpointFacts { owner: UserId(1), owner_is_active: true, visibility, is_active: true }
    }

    #[test]
    fn reading_follows_the_visibility() {
        let read = |who, visibility| authorize(who, Action::Read, endpoint(visibility));
        for (visibility, anonymous, stranger) in [
            (Visibility::Public, Access::Granted, Access::Granted),
            (Visibility::Internal, Access::Hidden, Access::Granted),
            (Visibility::Private, Access::Hidden, Access::Hidden),
        ] {
            assert_eq!(read(Principal::Anonymous, visibility), anonymous);
            assert_eq!(read(STRANGER, visibility), stranger);
            assert_eq!(read(OWNER, visibility), Access::Granted);
            assert_eq!(read(ADMIN, visibility), Access::Granted);
        }
    }

    #[test]
    fn a_stranger_who_can_read_is_refused_to_write_and_one_who_cannot_sees_nothing() {
        assert_eq!(
            authorize(STRANGER, Action::Write, endpoint(Visibility::Public)),
            Access::Refused
        );
        assert_eq!(
            authorize(STRANGER, Action::Write, endpoint(Visibility::Private)),
            Access::Hidden
        );
        assert_eq!(authorize(OWNER, Action::Write, endpoint(Visibility::Private)), Access::Granted);
    }

    #[test]
    fn what_is_switched_off_is_there_for_its_owner_only() {
        let off = EndpointFacts { is_active: false, ..endpoint(Visibility::Public) };
        assert_eq!(authorize(STRANGER, Action::Read, off), Access::Hidden);
        assert_eq!(authorize(OWNER, Action::Read, off), Access::Granted);
    }

    #[test]
    fn the_endpoints_of_a_deactivated_user_are_hidden() {
        let orphan = EndpointFacts { owner_is_active: false, ..endpoint(Visibility::Public) };
        assert_eq!(authorize(STRANGER, Action::Read, orphan), Access::Hidden);
    }
}
