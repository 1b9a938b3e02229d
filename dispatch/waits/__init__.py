"""How long it takes: for somebody who joins now, arrives later or already waits, as a point and a range.

Knows the state of every hall and what was learned of it. Simulates it forward with the rule of `queues`, corrects and
calibrates what comes out by how earlier forecasts fared, keeps what was shown and publishes how wrong it was.
"""
