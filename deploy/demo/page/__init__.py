"""The report of a run: one HTML file that needs nothing beside it, for people who decide and not for people who program.

`figures` counts, `flow` and `charts` draw, `story` tells one case, `leave` writes. Indonesian first, English beside.
"""

from deploy.demo.page.leave import leave

__all__ = ["leave"]
