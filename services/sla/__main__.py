"""Start the service: `python -m services.sla`."""

from services.sla.app import main

main()
