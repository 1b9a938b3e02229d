"""HOL, the head of the line: who joins waits as long as the first in line has waited until now.

Ibrahim and Whitt, "Real-time delay estimation based on delay history", M&SOM 11(3), 2009.
"""

from dispatch.waits.racing import Question
from dispatch.waits.references.reference import Rule


class HeadOfLine(Rule):
    """Nothing where nobody else stands in line."""

    name = "hol"

    def point(self, question: Question) -> float:
        """How long the first has waited."""
        return self.day.queue(question.hall, question.queue).elapsed(question.at)
