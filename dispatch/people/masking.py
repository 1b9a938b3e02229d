"""What may be shown of a person without a reason: enough to tell two people apart, too little to know one."""

STAR = "*"


def name(full: str) -> str:
    """张* of two characters, 张*三 of three, 欧阳*三 of four and more; of a name with blanks the first word."""
    full = full.strip()
    first, _, rest = full.partition(" ")
    if rest:
        return f"{first} {STAR * len(rest.replace(' ', ''))}"
    if len(full) <= 1:
        return STAR
    if len(full) == 2:
        return full[0] + STAR
    if len(full) == 3:
        return full[0] + STAR + full[-1]
    return full[:2] + STAR * (len(full) - 3) + full[-1]


def id_number(full: str) -> str:
    """331082********001X: where it was given and its last four; of a short one only the end."""
    full = full.strip().upper()
    if len(full) >= 15:
        return full[:6] + STAR * (len(full) - 10) + full[-4:]
    shown = min(4, len(full) // 2)
    return STAR * (len(full) - shown) + full[len(full) - shown :]


def phone(full: str) -> str:
    """138****5678; of a short one only the last two."""
    full = full.strip()
    if len(full) >= 11:
        return full[: len(full) - 8] + STAR * 4 + full[-4:]
    shown = min(2, len(full) // 2)
    return STAR * (len(full) - shown) + full[len(full) - shown :]
