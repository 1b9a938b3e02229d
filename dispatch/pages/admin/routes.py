"""The administration's pages, each a module of its own on one blueprint."""

from importlib import import_module

from dispatch.pages.admin.shell import blueprint

MODULES = (
    "overview",
    "hours",
    "hours_calendar",
    "hours_halting",
    "devices",
    "staff",
    "policy",
    "templates",
    "template",
    "importing",
    "unfound",
    "channels",
    "lists",
    "people",
    "people_reads",
)

for name in MODULES:
    import_module(f"dispatch.pages.admin.{name}")

__all__ = ["blueprint"]
