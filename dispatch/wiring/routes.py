"""Every page and call of the city, hung into the app."""

from importlib import import_module

from flask_openapi3 import OpenAPI

from dispatch.pages.api.doors import api

API = (
    "sessions",
    "accounts",
    "persons",
    "catalogue",
    "halls",
    "tickets",
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
PAGES = ("shared", "citizen", "why", "guide", "kiosk", "window", "admin", "api", "pairing")


def install(app: OpenAPI) -> None:
    """Add the API's routes and every page folder's."""
    for name in API:
        import_module(f"dispatch.pages.api.{name}")
    app.register_api(api)
    for name in PAGES:
        app.register_blueprint(import_module(f"dispatch.pages.{name}.routes").blueprint)
