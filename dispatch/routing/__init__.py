"""Where a person should go: by app or web without leaving home, else to the kiosk or counter where she is done first.

Knows: the routes it has advised, for a while, without the place they begin at. Decides: which channels and halls are
open to her, in which order, and why each other one is not. Asks: catalogue, halls, staffing, learning, waits, and a
router of `ports`. Announces nothing: an advice changes nothing.

Read it in this order: `asking` (the question), `settled` and `looking` (what stands: the one place that reads),
`weighing` and `searching` (pure), `enquiring` (the course of it), `telling` (the answer). Whoever wants an advice calls
`advising`; whoever wants other halls for somebody who stands in one already calls `elsewhere.elsewhere`.
"""
