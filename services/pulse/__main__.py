"""Start pulse: `python -m services.pulse`."""

from services.pulse.app import main

main()
