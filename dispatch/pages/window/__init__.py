"""The window's desk: console, strip, a box of keys, and the small screen that faces the citizen.

Knows: what a key would do now and why it cannot; who comes next and why. Decides: nothing of the city's; the screens'
keys speak to the API, a box's keys call the same verbs. Announces nothing. Asks halls, catalogue and tickets.
"""
