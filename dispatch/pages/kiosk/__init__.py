"""The kiosk: what for, which one, sure, here is your number. Four steps as plain links and one form.

Knows: how large and how low the person wants things. Decides: nothing of the city's.
Announces nothing itself. Asks halls, catalogue and tickets.
"""
