"""The stack of `tests/system` as a fixture."""

from tests.system.stack import town

__all__ = ["town"]
