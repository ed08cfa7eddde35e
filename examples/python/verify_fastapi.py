"""For those who write a service of their own: its callers bring tokens that the hub made for its owner, and each is judged
here, without asking the hub.

    make dev        # in another terminal: it prints the hub's address and the user name of the owner
    pip install syfthub-sdk fastapi uvicorn
    python verify_fastapi.py http://127.0.0.1:8080 alice 127.0.0.1:9000
    curl --header "Authorization: Bearer $TOKEN" http://127.0.0.1:9000/

Who calls gets the token from the hub: `client.auth.get_satellite_token("alice").target_token`. It counts for a minute.
"""

import socket
import sys
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from syfthub_sdk import AsyncVerifier
from syfthub_sdk.exceptions import AuthenticationError, NetworkError
from syfthub_sdk.models import SatelliteClaims

hub, owner, address = sys.argv[1:]
verifier = AsyncVerifier(base_url=hub, audience=owner)
bearer = HTTPBearer(auto_error=False)
service = FastAPI()


async def caller(header: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> SatelliteClaims:
    """Who calls; everybody else is turned away."""
    try:
        return await verifier.verify(header.credentials if header else "")
    except AuthenticationError as refused:
        detail = {"error": refused.code, "message": refused.message}
        raise HTTPException(401, detail, {"WWW-Authenticate": "Bearer"}) from refused
    except NetworkError as away:
        raise HTTPException(503, "the hub's keys were never fetched, and it is away") from away


@service.get("/")
async def greet(claims: Annotated[SatelliteClaims, Depends(caller)]) -> dict[str, str]:
    return {"caller": claims.sub, "role": claims.role}


if __name__ == "__main__":
    host, port = address.rsplit(":", 1)
    listener = socket.create_server((host, int(port)))
    print("http://{}:{}".format(*listener.getsockname()), flush=True)
    uvicorn.Server(uvicorn.Config(service, log_level="warning")).run(sockets=[listener])
