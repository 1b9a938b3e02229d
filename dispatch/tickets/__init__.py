"""A ticket's life: issued, called, served, parked, moved, missed and back, ended, undone.

Knows: every ticket and where it stands, and what lies beside it: papers seen, pre-checks, ratings. Decides: numbers,
which window gets whom, who may stand in line at all. Announces: Ticket…, MoveDeclined, PapersChecked, GuideFetches; the
kinds stand in `news.py` and beside their verbs. Asks: `queues` for the order, `staffing` what a window may serve,
`catalogue` for the queue of an item, `halls` whether it is open, `people` to keep a person's data.
"""
