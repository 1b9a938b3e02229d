"""What the house asks of the outside: promises (Protocols) and the plain values that pass through them.

Knows nobody. Who keeps a promise is decided in `dispatch.wiring`; the keepers live in `adapters`.
"""
