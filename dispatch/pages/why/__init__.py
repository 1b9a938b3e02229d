"""Why was B012 before A031? One small page, for a ticket's holder and for staff of its hall.

Asks: `tickets.explaining`. Decides nothing.
"""
