"""The city's tests; a package by name, since a library brings a `tests` of its own that would be found first."""
