"""The tree of halls: their queues, windows, hours and calendar.

Knows: which halls there are and how they nest, which queues and windows each has, when it is open.
Decides: whether a hall is open at a moment and which service day that is; a window's state; what an outage freezes.
Announces: HallConfigured, WeekChanged, HallDaySet, HallClosedEarly, HallReopened, DayEnded, WindowOpened,
WindowPaused, WindowClosed, QueuePaused, QueueResumed, IntakeStopped, IntakeResumed, OutageBegan, OutageEnded; in the
city's log CityOutageBegan, CityOutageEnded, CalendarChanged. Asks nobody.
"""
