"""People under way to a hall: whoever accepts an advice counts there until she stands in line.

Knows: who is under way where, when she is expected and how likely she comes; nothing about who she is, and no place but
the hall. Decides: when so many are under way that no more are counted; among near-equal halls which one is advised, and
when another is worth a change of plan. Announces: Journey…. Asks: `halls` for queues and windows, `learning` how to
weigh few outcomes.
"""
