"""The forecaster that learns from ticket logs: it watches all halls, tells a wait by what is usual there, corrects that
by gradient boosting, and learns by night from what became of the day.

It costs seconds to import, so that only the forecast role and the command line do.
"""
