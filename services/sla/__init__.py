"""sla: which clocks run, when they end, who must be told.

Decides   when a promise is due, when it is warned of, kept, broken or over, and to whom a breach goes up.
Reads     salur.routing (and salur.restricted), whose events carry all that clocks need; salur.reference for zones and the tree;
          its own timers.
Says      deadline.*, escalation.* on salur.sla.
Owns      the clocks of every case and their timers; calendars and policies (`data/`).
Rooms     worktime, daytable, localdays, calendars, because, compute (reckoning; also `salur sla compute`) · policies, directory (what is
          decided with) · clocks (the state) · ladder (what a clock does as time goes by) · facts (which clocks a fact starts,
          pauses, moves and ends) · turn (how they do) · telling, wording, phrases (the answer of `GET …/deadlines` in words).
"""
