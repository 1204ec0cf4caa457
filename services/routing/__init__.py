"""routing decides whose a case is, what state it is in and which action is allowed.

reads: salur.intake (complaint.accepted), salur.actions (case.verify, .transfer, .decide_transfer, .follow_up, .close),
       salur.sla (deadline.elapsed)
says:  case.routed, case.verified, case.transfer_requested, case.transferred, case.followed_up, case.closed; receipts of actions;
       the directory on salur.reference
owns:  cases, their hops, the directory, the routing rules

Rooms of its own beside the usual: directory (the tree of agencies), rules (whose a new case is), rulebook (reads and checks a
rule file), workflow (the one table of states and actions), diagram (that table as a page), case (a case's state), deeds (what
each action does). All of them and domain are pure.
"""
