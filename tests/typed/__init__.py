"""Programs for tests/test_typing.py; type checkers read them, nothing runs them."""
