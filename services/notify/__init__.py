"""notify decides who hears of a case's events and of what pulse finds unusual, by which channel, and sees to it that they are told.

reads: salur.routing (all of it: the publisher is told whole), salur.sla (deadline.warned, deadline.breached, escalation.raised), the
       same on salur.restricted; salur.pulse (surges and silences); salur.reference (names, tree and zones of the agencies)
says:  notice.queued, notice.suppressed, notice.without_recipient, notice.delivered, notice.undeliverable, notice.acknowledged
owns:  addresses, notices and their delivery log, what notices need to know of a case

Rooms of its own beside the usual: rules (who hears of what), offices (who has an address, and who stands in), status (the stream to
the publisher), unusual (who hears of surges and silences), competence (whom the routing rules name), intents (notices made of who is
meant), case (what is remembered of a case, and a notice) are pure like domain. addresses loads mailboxes and webhooks; letter makes
a mail from data/templates, with wording (dates and clocks in words), figures (numbers in words), names (of categories and regions)
and mime (as bytes); channels/ hands a mail or a webhook over; ways leases what is due for each, with hosts (who gets how many
connections); delivery sends it and writes what came of it; saying tells the outcome as events; pages answers over HTTP (openapi
describes it); page/ is the page behind the link in a mail, with rooms of its own.
"""
