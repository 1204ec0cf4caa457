"""The peers: programs of their own that bring about the same durable effect, each written as its own documentation would."""
