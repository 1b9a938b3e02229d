"""The citizen's pages, each a module of its own on one blueprint."""

from importlib import import_module

from dispatch.pages.citizen.shell import blueprint

MODULES = ("finding", "asking", "ways", "going", "places", "tickets", "accuracy")

for name in MODULES:
    import_module(f"dispatch.pages.citizen.{name}")

__all__ = ["blueprint"]
