"""Everything that goes wrong around the ports of the desk, and where its process ends."""
