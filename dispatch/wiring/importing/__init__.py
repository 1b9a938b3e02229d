"""Reading a city directory: the files `tongban import-city DIR` takes.

Knows: the format of a city (`format`), where a hall lets people queue for an item (`placing`),
how to read and judge a whole directory (`reading`).
Decides: whether a directory is a sound city. It is taken whole or refused with every problem at once.
Announces: nothing; it touches no database. Who imports applies the returned `City` hall by hall.
Asks: nobody.
"""
