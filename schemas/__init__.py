"""What is said: the only thing the services know of one another.

A contract only grows. Within a version, new fields are optional and old ones keep their meaning; anything else is a new
`_v2.py` beside the old file. `published/` is generated from these models by `python -m schemas write` and never edited;
`examples/` are golden messages: added, never changed.
"""
