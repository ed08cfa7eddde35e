# %% [markdown]
# # A walk through SyftHub
#
# Each cell does one thing. Open this file as a notebook (VS Code, PyCharm and Jupytext read the `# %%` marks), or run it
# from top to bottom:
#
#     make dev        # in another terminal: it prints the hub's address, a user name and the password to use
#     pip install syfthub-sdk
#     SYFTHUB_URL=http://127.0.0.1:8080 SYFTHUB_USERNAME=alice SYFTHUB_PASSWORD=… python walkthrough.py

# %% [markdown]
# ## Sign in
#
# The client finds the hub in `SYFTHUB_URL`. It renews the session by itself.

# %%
import os

from syfthub_sdk import SyftHubClient

client = SyftHubClient()
me = client.auth.login(username=os.environ["SYFTHUB_USERNAME"], password=os.environ["SYFTHUB_PASSWORD"])
print(f"signed in as {me.username} <{me.email}>")

# %% [markdown]
# ## Look around
#
# Lists are fetched page by page while you go on; `take` stops early.

# %%
for endpoint in client.hub.browse().take(5):
    print(f"{endpoint.owner_username}/{endpoint.slug:<20} {endpoint.type.value:<12} {endpoint.description}")

# %% [markdown]
# ## Publish something, and star it

# %%
notes = client.my_endpoints.create(
    name="River notes",
    type="data_source",
    description="What grows near the river, and when.",
    tags=["botany", "rivers"],
)
path = f"{me.username}/{notes.slug}"
client.hub.star(path)
print(f"{path} has {client.hub.get(path).stars_count} star")

# %%
for found in client.hub.search("river botany"):
    print(f"{found.relevance_score:.2f}  {found.owner_username}/{found.slug}")

# %% [markdown]
# ## Find documents
#
# Without a model, sources only tell what they find.

# %%
sources = [f"{source.owner_username}/{source.slug}" for source in client.chat.get_available_data_sources(limit=3)]
question = "When was the lighthouse of Varn built?"
found = client.chat.retrieve(question, data_sources=sources, similarity_threshold=0.0)
for document in found.documents:
    print(f"{document.score:.2f}  {document.title}: {document.content[:60]!r}")

# %% [markdown]
# ## Ask
#
# A model writes the answer over what the sources found, token by token.

# %%
model = next(iter(client.chat.get_available_models(limit=1)))
answer = None
for event in client.chat.stream(question, model=model, data_sources=sources, similarity_threshold=0.0):
    if event.type == "token":
        print(event.content, end="", flush=True)
    elif event.type == "done":
        answer = event
print(f"\n({answer.metadata.total_time_ms} ms, resting on {', '.join(answer.sources)})")

# %% [markdown]
# ## Show a service who you are
#
# A token for one owner's services, which they verify without asking the hub: see `verify_fastapi.py`.

# %%
token = client.auth.get_satellite_token(me.username)
print(f"a token of {len(token.target_token)} letters for {token.expires_in} s")

# %% [markdown]
# ## Tidy up
#
# What a method returns is a model: attributes, equality, `model_dump()`.

# %%
client.my_endpoints.delete(path)
print(sorted(notes.model_dump())[:4])
client.auth.logout()
