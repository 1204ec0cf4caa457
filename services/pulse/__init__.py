"""pulse sees what is unusual now: a surge of one kind in one place, an agency or a publisher that has gone silent.

reads: salur.intake (complaint.accepted), salur.routing (what comes to an agency and what it does), salur.sla (deadline.breached),
       salur.receipts; nothing of salur.restricted
says:  surge.detected, surge.ended, silence.detected, silence.ended
owns:  nothing durable: three topics of its own hold partial sums, rows and what is shown, and can be made anew from the speakers' topics

Rooms of its own beside the usual; it is the one Faust application, and has no database but the clock. engine is that application, with
reading (fetches as one message) and rows (its tables); gather and watch are its two agents. counting (events to counts), baseline,
series, surge and silence are pure like domain; reference_data reads what is known beforehand. A desk is what one
partition knows: floods (arrivals and surges), ledgers (agencies and publishers), totals, and kept (its rows, and what is still to
be said, made by saying). views puts together what pages and page/ show. topics are the three of its own.
"""
