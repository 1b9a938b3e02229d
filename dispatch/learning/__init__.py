"""What halls are like, learned from what happened in them.

Knows how long services take, who comes when, who answers a call, and how many windows are really open. Learns from
happenings, which are read from halls' logs or from another machine's file, and always from the past only.
"""
