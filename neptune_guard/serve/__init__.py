"""The stub over HTTP, for clients in every language."""
