"""Pairing on a screen: a television or kiosk shows its code, somebody approves it, the screen becomes what it is.

Knows: which code this browser shows. Decides: nothing; announces nothing itself. Asks halls for the pairing.
"""
