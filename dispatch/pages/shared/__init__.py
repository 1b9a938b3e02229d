"""What every page stands on: the call, the problems, signing in, and the look (tokens, slip, wait, wire).

Knows: who calls, in which language, and what people are told about halls, lines and tickets.
Decides: nothing of the city's. Announces nothing. Asks halls, catalogue, people and tickets.
"""
