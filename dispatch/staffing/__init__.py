"""Who works where and when: shifts, leave, posts to other halls, skills, and the days leaders sit at a window.

Knows: every planned shift with its breaks, every leave asked for, each account's skills and which skill an item needs.
Decides: whether a plan is sound (one person, one place; one window, one person), what somebody lacks the skill for,
and how the plan compares with who really sat there.
Announces: ShiftPlanned, ShiftDropped, LeaveAsked, LeaveGranted, LeaveRefused, LeaveWithdrawn, LeaveEnded, SkillGranted,
SkillWithdrawn, DutyDaySet, DutyDayDropped in the hall's log; PostGiven, PostEnded in the city's.
Asks: `halls` for windows and hours, `people` for accounts and posts; the items that need a skill are `catalogue`'s.
"""
