"""The folder of keys: whether it can be used, and whether its keys are this city's."""

import os
from pathlib import Path

from dispatch.foundation import identity
from dispatch.foundation.database import Database
from dispatch.wiring.soundness.trouble import Trouble


def ours(database: Database, keys: Path) -> str:
    """Say that the keys are this city's; Trouble when they are another's, gone, or cannot be read."""
    if keys.exists() and not (keys.is_dir() and os.access(keys, os.R_OK | os.W_OK | os.X_OK)):
        raise Trouble(
            f"the folder of keys {keys} cannot be read and written", "give it to the account that serves"
        )
    match identity.belonging(database, keys):
        case "another":
            raise Trouble(
                f"the keys in {keys} are another city's",
                "set TONGBAN_VAR to this city's folder; or, with a database made anew: tongban keys adopt",
            )
        case "lost":
            raise Trouble(
                f"the keys of this city are missing from {keys}",
                "bring them from another machine or the backup; lost for good: tongban keys adopt",
            )
        case "new":
            return "none taken yet"
        case "ours":
            return f"{keys} is this city's"


def taken(database: Database, keys: Path) -> str:
    """As `ours`; a city that has no keys yet takes those in this folder."""
    said = ours(database, keys)
    if identity.belonging(database, keys) == "new":
        identity.take_keys(database, keys)
    return said
