"""How often items are done by which channel: counts of whole days, each with its source.

`reading` checks what files and ports say, `taking` keeps it, `summing` adds it up. Nothing here is about a person.
"""
