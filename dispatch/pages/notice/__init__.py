"""The one-time notice as a page: to be read on a phone, printed on A4 or a slip, or sent as a short message.

Knows: how an address names a situation. Decides: to which numbers, and how often, a message goes; keeps no number.
Announces nothing. Asks notices.
"""
