"""A room's history replayed through the desk: the engine that runs it, and the report of what came of it."""
