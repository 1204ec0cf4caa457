"""intake decides whether what comes in is a case, whether it has been seen, and what of it may travel.

reads: salur.submissions and HTTP (complaint.submitted); for the tracking view what routing and sla say, salur.restricted too
says:  complaint.accepted; receipts of submissions
owns:  submissions, the identity vault, the tracking view

Rooms of its own beside the usual: redaction (takes out of a text who wrote it), titles (makes a title of a text), tracking (what
the view tells of a case) are pure like domain; vault (seals what must not travel), reference_data (categories and regions of
`data/`), api (the doors over HTTP), openapi (their description).
"""
