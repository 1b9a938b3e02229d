"""The guide desk: who is this, what has she here and elsewhere, and a ticket in three touches.

Knows: what a desk looks at all day (who is called and does not come, whose turn is near, who missed it).
Decides: nothing of the city's; its keys speak to the API. Announces nothing. Asks halls, catalogue, people, tickets.
"""
