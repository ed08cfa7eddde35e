//! Rights to an organization (contract hub 5.1), with five roles: of the three that older clients know, each may do what
//! it always could, except that what concerns owners is for owners.

use super::{Access, Principal, Resource};
use crate::model::kinds::OrgRole;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrganizationAction {
    /// See it and its members.
    See,
    /// Publish an endpoint for it.
    Publish,
    /// Change its profile.
    Edit,
    /// Report that its space is alive.
    Heartbeat,
    /// Judge tokens for it, as the service that received them.
    Represent,
    /// Make somebody with the role `from` somebody with the role `to`; no role means no member.
    ManageMember {
        /// What they are.
        from: Option<OrgRole>,
        /// What they shall be.
        to: Option<OrgRole>,
    },
    /// Give up one's own membership.
    Leave,
    /// Delete it.
    Delete,
    /// Switch it or a membership off and on again, also after it was deleted.
    Switch,
}

/// What the decision about an organization depends on; the default is one of which nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrganizationFacts {
    /// The role in it of the one who asks, if they are an active member.
    pub role: Option<OrgRole>,
    /// Whether it is active; one that was deleted is not.
    pub is_active: bool,
}

impl Resource for OrganizationFacts {
    type Action = OrganizationAction;

    fn judge(self, principal: Principal, action: OrganizationAction) -> Access {
        use OrganizationAction as Ask;

        let admin = principal.is_site_admin();
        let at_least = |role| self.role >= Some(role);
        let visible = match action {
            // Whoever may not is told so before anybody looks what there is.
            Ask::Switch => true,
            _ => self.is_active && (self.role.is_some() || admin),
        };
        let allowed = match action {
            Ask::See => true,
            // Also a site admin speaks for an organization only as one of its members.
            Ask::Publish => at_least(OrgRole::Member),
            Ask::Represent => at_least(OrgRole::Admin),
            Ask::Edit | Ask::Heartbeat => admin || at_least(OrgRole::Admin),
            Ask::ManageMember { from, to } => {
                let of_owners = [from, to].contains(&Some(OrgRole::Owner));
                let needed = if of_owners { OrgRole::Owner } else { OrgRole::Admin };
                admin || at_least(needed)
            }
            Ask::Leave => self.role.is_some(),
            Ask::Delete => admin || at_least(OrgRole::Owner),
            Ask::Switch => admin,
        };
        Access::of(visible, allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::super::authorize;
    use super::*;
    use crate::ids::UserId;
    use crate::model::kinds::Role;

    const USER: Principal = Principal::User { id: UserId(1), role: Role::User };
    const ADMIN: Principal = Principal::User { id: UserId(2), role: Role::Admin };

    /// Who asks: strangers and the five roles from the lowest up, then a site admin who is no member.
    const ROLES: [Option<OrgRole>; 6] = [
        None,
        Some(OrgRole::Viewer),
        Some(OrgRole::Member),
        Some(OrgRole::Manager),
        Some(OrgRole::Admin),
        Some(OrgRole::Owner),
    ];

    fn verdicts(action: OrganizationAction, is_active: bool) -> String {
        let of_role = |role| authorize(USER, action, OrganizationFacts { role, is_active });
        let admin = authorize(ADMIN, action, OrganizationFacts { role: None, is_active });
        let letter = |access| match access {
            Access::Granted => 'y',
            Access::Refused => 'n',
            Access::Hidden => '-',
        };
        ROLES.into_iter().map(of_role).chain([admin]).map(letter).collect()
    }

    const fn manage(from: Option<OrgRole>, to: Option<OrgRole>) -> OrganizationAction {
        OrganizationAction::ManageMember { from, to }
    }

    #[test]
    fn each_role_may_do_what_the_matrix_says() {
        let (owner, admin, member) =
            (Some(OrgRole::Owner), Some(OrgRole::Admin), Some(OrgRole::Member));
        for (action, expected) in [
            (OrganizationAction::See, "-yyyyyy"),
            (OrganizationAction::Publish, "-nyyyyn"),
            (OrganizationAction::Edit, "-nnnyyy"),
            (OrganizationAction::Heartbeat, "-nnnyyy"),
            (OrganizationAction::Represent, "-nnnyyn"),
            (manage(None, member), "-nnnyyy"),
            (manage(None, admin), "-nnnyyy"),
            (manage(admin, None), "-nnnyyy"),
            (manage(member, Some(OrgRole::Manager)), "-nnnyyy"),
            (manage(None, owner), "-nnnnyy"),
            (manage(admin, owner), "-nnnnyy"),
            (manage(owner, member), "-nnnnyy"),
            (manage(owner, None), "-nnnnyy"),
            (OrganizationAction::Leave, "-yyyyyn"),
            (OrganizationAction::Delete, "-nnnnyy"),
            (OrganizationAction::Switch, "nnnnnny"),
        ] {
            assert_eq!(verdicts(action, true), expected, "{action:?}");
        }
    }

    #[test]
    fn a_deleted_organization_is_gone_for_everybody_who_does_not_bring_it_back() {
        for action in [
            OrganizationAction::See,
            OrganizationAction::Publish,
            OrganizationAction::Edit,
            OrganizationAction::Leave,
            OrganizationAction::Delete,
        ] {
            assert_eq!(verdicts(action, false), "-------", "{action:?}");
        }
        assert_eq!(verdicts(OrganizationAction::Switch, false), "nnnnnny");
    }

    #[test]
    fn nobody_makes_themselves_more_than_they_are() {
        for own in [OrgRole::Viewer, OrgRole::Member, OrgRole::Manager, OrgRole::Admin] {
            for wanted in OrgRole::ALL.into_iter().filter(|wanted| *wanted > own) {
                let facts = OrganizationFacts { role: Some(own), is_active: true };
                let verdict = authorize(USER, manage(Some(own), Some(wanted)), facts);
                assert_eq!(verdict, Access::Refused, "{own} to {wanted}");
            }
        }
    }
}
