"""What every room stands on: clock, settings, database, log, transitions, access, errors, ids, words.

Knows nothing of halls or tickets. Decides how a transaction is opened and closed, how an entry of a hall's
log looks, and what time it is in the city.
"""
