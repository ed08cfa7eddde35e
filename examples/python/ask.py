"""For those who ask: one question to any number of data sources, the answer printed while it is written, then what it
rests on.

    make dev        # in another terminal: it prints the names and the password to use
    pip install syfthub-sdk
    python ask.py http://127.0.0.1:8080 alice alice/extractive "How are tokens verified?" alice/docs

The password is one line of standard input.
"""

import sys

from syfthub_sdk import SyftHubClient

hub, username, model, question, *sources = sys.argv[1:]
client = SyftHubClient(base_url=hub)
client.auth.login(username=username, password=input())

for event in client.chat.stream(question, model=model, data_sources=sources, similarity_threshold=0.0):
    if event.type == "source_complete":
        print(f"{event.path}: {event.status}, {event.documents_retrieved} documents")
    elif event.type == "token":
        print(event.content, end="", flush=True)
    elif event.type == "done":
        print("\n")
        for number, (title, document) in enumerate(event.sources.items(), start=1):
            print(f"[{number}] {title} ({document.slug})")
    elif event.type == "error":
        sys.exit(f"no answer: {event.message}")
