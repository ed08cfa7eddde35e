//! Rights to an endpoint (contract hub 5.1, 5.2).

use super::{Access, Principal, Resource};
use crate::ids::UserId;
use crate::model::kinds::{OrgRole, Visibility};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointAction {
    /// See its public side, call it, star it.
    Read,
    /// See it whole, with the people who work on it and whether it is switched on.
    Inspect,
    /// Change or delete it.
    Write,
}

/// Whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ownership {
    /// A user's.
    User(UserId),
    /// An organization's, in which the one who asks has this role, if they are an active member.
    Organization(Option<OrgRole>),
}

/// What the decision about an endpoint depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndpointFacts {
    /// Whose it is.
    pub owner: Ownership,
    /// Whether the owner's account, or the organization, is active.
    pub owner_is_active: bool,
    /// Who sees it.
    pub visibility: Visibility,
    /// Whether it is switched on.
    pub is_active: bool,
}

impl Resource for EndpointFacts {
    type Action = EndpointAction;

    fn judge(self, principal: Principal, action: EndpointAction) -> Access {
        let admin = principal.is_site_admin();
        let inside = admin || self.belongs_to(principal);
        let visible = inside || (self.is_active && self.owner_is_active && self.shows(principal));
        let allowed = match action {
            EndpointAction::Read => true,
            EndpointAction::Inspect => inside,
            EndpointAction::Write => admin || self.is_run_by(principal),
        };
        Access::of(visible, allowed)
    }
}

impl EndpointFacts {
    /// Whether it is the principal's own, alone or with others. Nothing belongs to the members of an organization that
    /// is no more.
    fn belongs_to(self, principal: Principal) -> bool {
        match self.owner {
            Ownership::User(owner) => principal.is(owner),
            Ownership::Organization(role) => self.owner_is_active && role.is_some(),
        }
    }

    fn is_run_by(self, principal: Principal) -> bool {
        let enough = match self.owner {
            Ownership::User(_) => true,
            Ownership::Organization(role) => role >= Some(OrgRole::Manager),
        };
        enough && self.belongs_to(principal)
    }

    fn shows(self, principal: Principal) -> bool {
        match self.visibility {
            Visibility::Public => true,
            Visibility::Internal => principal != Principal::Anonymous,
            Visibility::Private => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::authorize;
    use super::*;
    use crate::model::kinds::Role;

    const OWNER: Principal = Principal::User { id: UserId(1), role: Role::User };
    const STRANGER: Principal = Principal::User { id: UserId(2), role: Role::User };
    const ADMIN: Principal = Principal::User { id: UserId(3), role: Role::Admin };

    fn endpoint(visibility: Visibility) -> EndpointFacts {
        EndpointFacts {
            owner: Ownership::User(UserId(1)),
            owner_is_active: true,
            visibility,
            is_active: true,
        }
    }

    fn of_organization(role: Option<OrgRole>, visibility: Visibility) -> EndpointFacts {
        EndpointFacts { owner: Ownership::Organization(role), ..endpoint(visibility) }
    }

    const EVERY_VISIBILITY: [Visibility; 3] =
        [Visibility::Public, Visibility::Internal, Visibility::Private];

    #[test]
    fn reading_follows_the_visibility() {
        let read = |who, visibility| authorize(who, EndpointAction::Read, endpoint(visibility));
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
        for action in [EndpointAction::Inspect, EndpointAction::Write] {
            let ask = |who, visibility| authorize(who, action, endpoint(visibility));
            assert_eq!(ask(STRANGER, Visibility::Public), Access::Refused);
            assert_eq!(ask(STRANGER, Visibility::Private), Access::Hidden);
            assert_eq!(ask(OWNER, Visibility::Private), Access::Granted);
            assert_eq!(ask(ADMIN, Visibility::Private), Access::Granted);
        }
    }

    #[test]
    fn what_is_switched_off_is_there_for_its_owner_only() {
        let off = EndpointFacts { is_active: false, ..endpoint(Visibility::Public) };
        assert_eq!(authorize(STRANGER, EndpointAction::Read, off), Access::Hidden);
        assert_eq!(authorize(OWNER, EndpointAction::Read, off), Access::Granted);
    }

    #[test]
    fn the_endpoints_of_a_deactivated_user_are_hidden() {
        let orphan = EndpointFacts { owner_is_active: false, ..endpoint(Visibility::Public) };
        assert_eq!(authorize(STRANGER, EndpointAction::Read, orphan), Access::Hidden);
    }

    #[test]
    fn every_member_sees_what_the_organization_has_and_managers_change_it() {
        for visibility in EVERY_VISIBILITY {
            for role in OrgRole::ALL {
                let owned = of_organization(Some(role), visibility);
                let off = EndpointFacts { is_active: false, ..owned };
                let write =
                    if role >= OrgRole::Manager { Access::Granted } else { Access::Refused };
                for facts in [owned, off] {
                    let ask = |action| authorize(STRANGER, action, facts);
                    assert_eq!(ask(EndpointAction::Read), Access::Granted, "{role}");
                    assert_eq!(ask(EndpointAction::Inspect), Access::Granted, "{role}");
                    assert_eq!(ask(EndpointAction::Write), write, "{role}");
                }
            }
        }
    }

    #[test]
    fn those_outside_an_organization_see_its_endpoints_as_they_see_a_user_s() {
        for visibility in EVERY_VISIBILITY {
            for who in [Principal::Anonymous, STRANGER, ADMIN] {
                for action in [EndpointAction::Read, EndpointAction::Inspect, EndpointAction::Write]
                {
                    let owned = of_organization(None, visibility);
                    assert_eq!(
                        authorize(who, action, owned),
                        authorize(who, action, endpoint(visibility)),
                        "{who:?} {action:?} {visibility}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_endpoints_of_a_deleted_organization_are_there_for_site_admins_only() {
        for role in OrgRole::ALL {
            let gone = EndpointFacts {
                owner_is_active: false,
                ..of_organization(Some(role), Visibility::Public)
            };
            assert_eq!(authorize(STRANGER, EndpointAction::Read, gone), Access::Hidden);
            assert_eq!(authorize(ADMIN, EndpointAction::Read, gone), Access::Granted);
        }
    }
}
