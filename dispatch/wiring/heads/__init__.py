"""Signed heads: written down each minute, handed on to an outside witness, and held against the logs by whoever asks.

Knows the record under `var/heads` and the key that signs it. The rules of a line are `dispatch.foundation.heads`.
"""
