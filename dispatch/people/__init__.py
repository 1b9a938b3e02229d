"""People: citizens' data, staff accounts with roles and scopes, and who is signed in.

Knows: names and numbers of persons (sealed), accounts with their second factors and grants, who looked at whom.
Decides: who a token belongs to and what he may at this moment, who gets in, what is shown of a person and for how
long it is kept.
Announces on the city's log, by random references: accounts, permissions, corrections, erasures, keys.
Asks `halls` where a hall lies in the tree.
"""
