"""In which order an item's channels are offered, learned from how people fare with them.

`figures` bounds how many are done by a channel, `rules` says which order that speaks for, `proposing` looks each
night, `deciding` is what a person makes of it, `finding` reads. Nothing changes an order but a person.
"""
