"""Whether what a process stands on is sound: database, migrations, clock, keys, Redis, disk, jobs, log.

Asked before a process starts, by `/readyz`, and by `tongban doctor`. Every check says what it saw, or raises
`Trouble`: what is wrong, and what to do about it.
"""
