"""One hall played forward many times from how it stands now, so that a wait is a range and not a guess.

A `Scene` holds all that such a play depends on. Its `Cast` draws everybody's chances, the same for the same person in
any scene. `rule` plays a cast with the very discipline of `queues`, slowly; `kernel` does the same, compiled. `reading`
makes waits of what came out. Only the forecast process imports `kernel`: compiling takes seconds.
"""
