"""The stacks of `stack.py` as fixtures."""

from tests.system.stack import town, twins

__all__ = ["town", "twins"]
