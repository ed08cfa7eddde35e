"""Signs users in for schemathesis: one for most operations, so that what one operation makes another finds, and one each
for those that end a session or an account, so that they end nobody else's."""

import itertools
import os

import requests
import schemathesis

HUB = os.environ["HUB"]
PASSWORD = "a-Long-passw0rd"
ENDING = {
    "POST /api/v1/auth/logout",
    "PUT /api/v1/auth/me/password",
    "PUT /api/v1/users/me",
    "PUT /api/v1/users/{user_id}",
    "DELETE /api/v1/users/{user_id}",
    "PATCH /api/v1/users/{user_id}/deactivate",
}
numbers = itertools.count()


def whose(case, context):
    label = case.operation.label
    return label if label in ENDING else "everything else"


@schemathesis.auth(refresh_interval=3600, cache_by_key=whose)
class SignedIn:
    def get(self, case, context):
        name = f"tester-{next(numbers)}"
        user = {"username": name, "email": f"{name}@acme.org", "full_name": "Tester", "password": PASSWORD}
        answer = requests.post(f"{HUB}/api/v1/auth/register", json=user, timeout=20)
        answer.raise_for_status()
        return answer.json()["access_token"]

    def set(self, case, token, context):
        case.headers["Authorization"] = f"Bearer {token}"
