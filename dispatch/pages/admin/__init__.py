"""The administration: one paper page per room, halls by their tree, everything behind a named permission.

Knows: which rooms there are and who may enter them, in which hall the caller is at work.
Decides: nothing of the city's; every form ends in a room's verb. Announces nothing.
Asks halls, staffing, people, tickets and whoever else a page of it shows.

A new page: one `Room` in `rooms.py`, one module beside this one that hangs its routes on `shell.blueprint`, its name
in `routes.py`, and a template that extends `admin/_page.html`.
"""
