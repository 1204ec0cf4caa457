"""Runs routing."""

from services.routing.app import main

main()
