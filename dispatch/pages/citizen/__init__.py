"""The citizen's pages: find an item, choose a hall, take a number, watch it on the phone.

Knows: which tickets this browser holds (a cookie with their secrets) and whether it wants larger type.
Decides: nothing of the city's. Announces nothing itself. Asks catalogue, halls and tickets.
"""
