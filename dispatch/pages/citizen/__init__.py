"""The citizen's pages: find an item, answer what it asks, choose a way, go there, take a number, watch it on the phone.

Knows: which tickets and journeys this browser holds (cookies with their secrets) and whether it wants larger type.
What somebody answered, where she is and how she goes stands in the address of her page and is not kept. Decides:
nothing of the city's. Announces nothing itself. Asks catalogue, routing, journeys, halls and tickets.
"""
