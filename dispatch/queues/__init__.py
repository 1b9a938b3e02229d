"""Who is next: pure rules over arrays, the same for calling, for simulating and for explaining.

Knows nothing of tables or tickets. Decides the order of the people who wait: `rules` is the whole discipline,
`policy` its figures, `previewing` what a past day would have been under others. docs/discipline.md says it in words.
"""
