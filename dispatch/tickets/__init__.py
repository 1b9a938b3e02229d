"""A ticket's life: issued, called, served, missed, cancelled, expired.

Knows: every ticket and where it stands. Decides: numbers, and which window gets whom.
Announces: TicketIssued, TicketCalled, TicketRecalled, TicketStarted, TicketFinished, TicketMissed,
TicketCancelled, TicketExpired. Asks: `queues` for the order, `catalogue` for the queue of an item,
`halls` whether it is open, `people` to keep a person's data.
"""
