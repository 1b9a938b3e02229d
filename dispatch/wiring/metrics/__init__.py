"""Figures for whoever watches the machines, as Prometheus reads them. docs/metrics.md lists them all.

Knows what this process does (requests, connections, lines) and asks the database for what the city does (queues,
windows, logs, jobs). Names of codes only, never of people; told only to callers from inside.
"""
