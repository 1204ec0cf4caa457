"""The benchmark: workloads run by Salur's own chassis and by its peers, side by side on the same stores.

`python -m bench b1 [--quick]` measures one hop, `python -m bench profile` says where its time goes. Rooms: `events` (the
workload), `hop` (ours), `peers/` (theirs), `contenders` (how each is started), `run` (one measured run), `verify` (a run that lost,
doubled or disordered anything is void), `meters` (CPU), `report` (tables and JSON).
"""
