"""The demo city: Taizhou, with the halls of Linhai down to its towns and some of its villages.

Knows: where its files lie (`CITY`), a city directory as anyone could write one; `docs/city-data.md` tells
what in it is real and what is invented for the demo.
Decides, announces: nothing. Asks: nobody.
"""

from pathlib import Path

CITY = Path(__file__).parent / "city"
