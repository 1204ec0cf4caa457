"""notify decides who hears of a case's events, by which channel, and sees to it that they are told.

reads: salur.routing (case.routed, case.transfer_requested, case.transferred), salur.sla (deadline.warned, deadline.breached,
       escalation.raised), the same on salur.restricted; salur.reference (names, tree and zones of the agencies)
says:  notice.queued, notice.suppressed, notice.without_recipient, notice.delivered, notice.undeliverable
owns:  addresses, notices and their delivery log, what notices need to know of a case

Rooms of its own beside the usual: rules (who hears of what), offices (who has an address, and who stands in), case (what is
remembered of a case, and a notice) are pure like domain. addresses loads the mailboxes; letter makes a mail from data/templates,
with wording (dates and clocks in words) and names (of categories and regions); channels/ hands a mail over; delivery leases
notices and sends them; saying tells the outcome as events; pages answers over HTTP.
"""
