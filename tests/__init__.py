"""The city's tests. A package by name, since a library brings a `tests` of its own that would otherwise be found first."""
