"""Every page and call of the city, hung into the app."""

from collections.abc import Sequence
from importlib import import_module

from flask_openapi3 import OpenAPI

from dispatch.pages.api.doors import api

API = (
    "sessions",
    "accounts",
    "persons",
    "catalogue",
    "lists",
    "halls",
    "accuracy",
    "routing",
    "journeys",
    "tickets",
    "referrals",
    "guide",
    "windows",
    "desk",
    "ratings",
    "staffing",
    "demo",
    "devices",
    "hours",
    "templates",
    "discipline",
)
PAGES = ("shared", "citizen", "why", "notice", "guide", "kiosk", "window", "admin", "api", "pairing")
DRAWN_BY_BOARDS = ("shared",)
"""All that a process needs which only draws boards."""


def install(app: OpenAPI, pages: Sequence[str] = PAGES) -> None:
    """Add these page folders, and with the API's own the API's routes."""
    if "api" in pages:
        for name in API:
            import_module(f"dispatch.pages.api.{name}")
        app.register_api(api)
    for name in pages:
        app.register_blueprint(import_module(f"dispatch.pages.{name}.routes").blueprint)
