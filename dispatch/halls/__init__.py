"""The tree of halls: their queues, windows, hours and calendar.

Knows: which halls there are and how they nest, which queues and windows each has, when it is open.
Decides: whether a hall is open at a moment and which service day that is; a window's state.
Announces: HallConfigured, WindowOpened, WindowPaused, WindowClosed. Asks nobody.
"""
