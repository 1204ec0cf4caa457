"""routing decides whose a case is, what state it is in and which action is allowed.

reads: salur.intake (complaint.accepted, .supplement_accepted, .withdrawal_accepted), salur.actions (the orders of `workflow`'s
       table), salur.sla (deadline.elapsed); the same of intake and sla on salur.restricted
says:  case.* on salur.routing or salur.restricted; receipts of actions; the directory on salur.reference
owns:  cases, their hops, the directory, the routing rules

Rooms of its own beside the usual: directory (the tree of agencies), rules (whose a new case is), rulebook (reads and checks a
rule file), explaining (whose a submission would be), workflow (the one table of states, actions and happenings), shape (what its
rows are made of), diagram (that table as a page), case (a case's state), rights (who may do what now), change (what every deed
does), deeds (what each action does), transfers (those among them), wording (what offices write, cleaned), happenings (what comes of a
case without an action), announcing (the directory for the others), api with callers and openapi (the doors over HTTP).
All but the last four are pure, and so is domain.
"""
