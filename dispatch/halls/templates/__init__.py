"""Templates: what the city lays down once for many halls, in versions, each hall inheriting and overriding.

Knows: templates, their versions, which hall has which and what it overrides. Decides: what of a layer above is locked,
when a version takes effect, what a hall is by all its layers together. Announces: `Template…`, `HallOverrode`.
Asks: `halls` for the hall's own description.
"""
