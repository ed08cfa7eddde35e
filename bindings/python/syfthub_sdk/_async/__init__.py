"""The package for asyncio, written by hand; the blocking one in `_sync` is generated from it."""
