"""Who decides: one folder a service, the same rooms in each."""
