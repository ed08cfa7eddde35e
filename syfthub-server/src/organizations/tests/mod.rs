//! What organizations promise over HTTP, and what their store functions promise on both engines.

mod audiences;
mod endpoints;
mod members;
mod owners;
mod profiles;
mod races;
mod store;

use http::StatusCode;
use serde_json::{Value, json};

use crate::testing::{SignedInUser, TestHub};

const ORGANIZATIONS: &str = "/api/v1/organizations";
const MAKE_ADMIN: &str = "UPDATE users SET role = 'admin' WHERE id = $1";

/// An organization with somebody in every role, and people around it.
struct Team {
    hub: TestHub,
    id: i64,
    owner: SignedInUser,
    admin: SignedInUser,
    manager: SignedInUser,
    member: SignedInUser,
    viewer: SignedInUser,
    stranger: SignedInUser,
    /// Runs the hub and is no member.
    root: SignedInUser,
}

impl Team {
    /// The organization `acme`, founded by `owner`.
    async fn start() -> Self {
        let hub = TestHub::start().await;
        let owner = hub.register("owner").await;
        let id = found(&hub, &owner.access, "Acme").await;
        let mut people = Vec::new();
        for role in ["admin", "manager", "member", "viewer"] {
            let somebody = hub.register(&format!("the-{role}")).await;
            join(&hub, id, &owner.access, somebody.id, role).await;
            people.push(somebody);
        }
        let [admin, manager, member, viewer] =
            <[SignedInUser; 4]>::try_from(people).expect("there are four of them");
        let (stranger, root) = (hub.register("stranger").await, hub.register("root-1").await);
        hub.force(MAKE_ADMIN, root.id).await;
        Self { hub, id, owner, admin, manager, member, viewer, stranger, root }
    }

    /// Everybody who may ask, from those outside up, then the site admin; by name.
    fn everybody(&self) -> [(&'static str, &str); 7] {
        [
            ("stranger", &self.stranger.access),
            ("viewer", &self.viewer.access),
            ("member", &self.member.access),
            ("manager", &self.manager.access),
            ("admin", &self.admin.access),
            ("owner", &self.owner.access),
            ("site admin", &self.root.access),
        ]
    }

    /// `/api/v1/organizations/{id}{rest}`.
    fn path(&self, rest: &str) -> String {
        format!("{ORGANIZATIONS}/{}{rest}", self.id)
    }

    fn member_path(&self, user: &SignedInUser) -> String {
        self.path(&format!("/members/{}", user.id))
    }

    /// Publishes an endpoint for the organization.
    async fn publish(&self, token: &str, draft: Value) -> Value {
        let path = format!("/api/v1/endpoints?organization_id={}", self.id);
        let answer = self.hub.post(&path, token, draft).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
        answer.body
    }
}

/// Founds an organization; gives its number.
async fn found(hub: &TestHub, token: &str, name: &str) -> i64 {
    let answer = hub.post(ORGANIZATIONS, token, json!({ "name": name })).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
    answer.body["id"].as_i64().unwrap()
}

/// Takes somebody in.
async fn join(hub: &TestHub, id: i64, token: &str, user: i64, role: &str) {
    let body = json!({ "user_id": user, "role": role });
    let answer = hub.post(&format!("{ORGANIZATIONS}/{id}/members"), token, body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
}
