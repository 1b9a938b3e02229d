"""Whose people a hall serves, for items that may not be brought just anywhere. Pure, over paths in the tree."""

from collections.abc import Sequence

from dispatch.routing.sites import Site


def may_go(site: Site, territory: str, home: Site | None, district: str) -> bool:
    """Whether somebody whose own hall is `home`, in the district of this path, may bring the item here.

    `any`: anywhere. `district`: in her own. `home`: to her own town or village, below it, and to those above. Where she
    has not said where her home is, nobody can say, and she is told to look.
    """
    if territory == "any" or home is None:
        return True
    if territory == "district":
        return site.path.startswith(district)
    return home.path.startswith(site.path) or site.path.startswith(home.path)


def district_of(home: Site, sites: Sequence[Site]) -> str:
    """The path of the district that a hall lies in; the hall's own where it lies in none."""
    above = [each.path for each in sites if each.level == "district" and home.path.startswith(each.path)]
    return max(above, key=len, default=home.path)
