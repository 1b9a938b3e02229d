"""People: citizens' data, staff accounts with roles and scopes, devices, and who is signed in.

Knows: names and numbers of persons (sealed), accounts, tokens. Decides: who a token belongs to and what its
scope is. Announces nothing: its facts are city-wide rows. Asks `halls` nothing; scopes are paths.
"""
