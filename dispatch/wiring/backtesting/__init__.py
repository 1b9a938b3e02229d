"""Backtesting: every predictor is told the days of a ticket log as they happened, asked, and judged.

Knows: how a log becomes happenings (`days`), who races (`racers`). Decides: what is asked when, what counts as the
truth, and how answers are scored. Asks: `ticket_logs` for the lines, `waits` for the predictors. Announces nothing.
"""
