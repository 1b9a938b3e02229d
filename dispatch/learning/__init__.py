"""What halls are like, learned from what happened in them.

Knows how long services take, who comes when, who answers a call, and how many windows are really open: as sums that
fade from day to day, never as a list of what happened.
Decides: nothing. Announces: nothing.
Asks: halls' logs, whose entries it reads as happenings (`reading`), and `catalogue` for its minutes. Whoever has
happenings from elsewhere tells them to a `Learner`; whoever wants to know asks for a `Known`.
"""
