"""Prometheus: counts and durations of the desk for whoever watches it. The client library is named here only."""
