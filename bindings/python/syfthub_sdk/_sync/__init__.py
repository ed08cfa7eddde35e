"""The blocking package; generated from `_async` by tools/unasync.py."""
