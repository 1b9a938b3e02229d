"""The scheduler: many processes may be started, one of each role leads, and every job runs once per planned time.

`jobs` is the table of what is done, `planning` says for when a run counts, `locking` who may lead, `leading` keeps the
leader's books and guards them, `working` runs a job, `waiting` watches the leader, `running` is the process. What is
wrong with all that, `foundation.jobs.alarms` tells. docs/why/scheduled-jobs.md has the reasons.
"""
