"""A space, as its owner and its callers see it."""
