"""`make demo`: a week of complaints walks the whole way under an accelerated clock, is watched from outside, and is judged.

Read `run.py` for the order of events, `complaints.py` for what is sent, `scripts.py` and `agencies.py` for who answers how,
`witness.py` for what is seen, `checks/` for what must hold. Nothing here reads a service's tables.
"""
