"""What journeys says no to."""

from dispatch.foundation.errors import Refusal


class NotYourJourney(Refusal):
    """The secret does not belong to this journey."""

    code = "not_your_journey"
    status = 403
    sentence = "这个链接打不开这次行程,可能抄漏了。不登记也可以直接去大厅"


class UnderWayAlready(Refusal):
    """She follows this advice already; to follow another part of it she cancels first."""

    code = "under_way_already"
    status = 409
    sentence = "您已经按这份建议登记过,要换地方请先取消"


class ManyUnderWay(Refusal):
    """So many are under way to this queue that no more are counted."""

    code = "many_under_way"
    status = 409
    sentence = "去这里的人已经很多,不再登记。您仍然可以直接去,也可以换一个大厅"


class TooEarly(Refusal):
    """A journey begins on the day itself."""

    code = "too_early"
    status = 422
    sentence = "还早,请在出发当天登记"


class NoWayThere(Refusal):
    """Only whoever goes to a counter is counted: at home and before a machine nobody waits in a line."""

    code = "no_way_there"
    status = 422
    sentence = "这种办法不用去窗口排队,不需要登记"


class NotUnderWay(Refusal):
    """Whoever is under way no more does not go elsewhere instead."""

    code = "not_under_way"
    status = 409
    sentence = "这次行程已经结束,不能改去别处"
