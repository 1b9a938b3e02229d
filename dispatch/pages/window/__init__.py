"""The window console: who is here, who comes next and why, and six keys that never change place.

Knows: what a key would do now and why it cannot. Decides: nothing of the city's; the keys speak to the API.
Announces nothing. Asks halls, catalogue and tickets.
"""
