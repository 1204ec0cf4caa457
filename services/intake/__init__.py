"""intake decides whether what comes in is a case, whether it has been seen, and what of it may travel.

reads: salur.submissions and HTTP (complaint.submitted, supplemented, withdrawn, rated); for the tracking view what routing and sla
       say, salur.restricted too; salur.reference for the agencies
says:  complaint.accepted, supplement_accepted, withdrawal_accepted, rating_accepted; receipts of submissions
owns:  submissions, the identity vault with its read log, the tracking view

Rooms of its own beside the usual: redaction (takes out of a text who wrote it), titles (makes a title of a text), tracking (what
the view tells of a case), batch (lines and receipts), rates (who comes too fast) are pure like domain; vault (seals what must not
travel), reference_data (categories and regions of `data/`), bodies (what may be in memory), api, content and lists (the doors over
HTTP) with answers (what they say), openapi (their description).
"""
