"""What our forecaster is measured against: rules from queueing theory, plain averages, and two learned models.

Each rests on the same happenings and is asked the same questions. All keep the day in the same book (`day`), which also
says by night what came of each question; what they make of it is their own.
"""
