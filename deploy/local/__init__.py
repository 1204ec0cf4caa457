"""The local stack: a real Kafka, a real PostgreSQL, a mailbox and the services as child processes of one supervisor.

Read `plan.py` for what is started, `supervisor.py` for the order, `managed.py` for what happens when something dies.
"""
