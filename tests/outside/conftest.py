"""The stacks of `stack.py` as fixtures."""

from tests.system.stack import town

__all__ = ["town"]
