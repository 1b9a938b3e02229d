"""Who may do what, as tables for the documents: written from the permissions and from the API's own document."""

from collections.abc import Iterator

from dispatch.foundation.access import HOLDERS, MACHINES, PERMISSIONS, grantable
from dispatch.foundation.words import translate
from dispatch.pages.admin.people_words import PERMISSIONS as WORDS
from dispatch.pages.api.doors import new_app
from dispatch.wiring import routes

YES, NO = "●", ""
SHORT = {"administrator:system": "system adm.", "administrator:security": "security adm."}


def matrix() -> str:
    """A row for each permission, a column for each role and each kind of machine."""
    columns = [*HOLDERS, *MACHINES]
    heads = [SHORT.get(holder, holder) for holder in columns]
    lines = [
        f"| permission | what it lets one do | {' | '.join(heads)} | can be granted |",
        "|---|---|" + ":-:|" * (len(heads) + 1),
    ]
    for name, holders in PERMISSIONS.items():
        held = " | ".join(YES if holder in holders else NO for holder in columns)
        can = YES if grantable(name) else NO
        lines.append(f"| `{name}` | {translate('en', WORDS[name])} | {held} | {can} |")
    return "\n".join(lines)


def calls() -> str:
    """Every call of the API with the permission it asks for, and who holds that by default."""
    lines = ["| call | permission | who may |", "|---|---|---|"]
    lines += [
        f"| `{method} {path}` | {f'`{permission}`' if permission else '–'} | {who} |"
        for path, method, permission, who in sorted(_operations())
    ]
    return "\n".join(lines)


def _operations() -> Iterator[tuple[str, str, str, str]]:
    app = new_app("documents")
    routes.install(app)
    for path, operations in app.api_doc["paths"].items():
        for method, operation in operations.items():
            if "x-who-may" in operation:
                yield (
                    path.removeprefix("/api/v1"),
                    method.upper(),
                    operation.get("x-permission", ""),
                    operation["x-who-may"],
                )
