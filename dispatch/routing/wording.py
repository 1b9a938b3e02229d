"""Why something is advised, or is not, as people are told it: a stable code each, and a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from dispatch.foundation.words import Language, local, translate

FOR = MappingProxyType(
    {
        "no_visit": "不用出门,网上就能办完",
        "company_by_web": "单位办事用电脑更方便",
        "many_papers": "要传的材料多,用电脑更方便",
        "moved_up": "用这个办法的人里至少 %(share)s 办成了,所以排在前面",
        "moved_down": "用这个办法的人里最多 %(share)s 办成又不用再去窗口,所以排在后面",
        "depends_on_answers": "还有问题没回答,答了以后也可能要换个办法",
        "kiosk": "自助机上自己办,不用排窗口的队",
        "kiosk_unheard": "机器此刻好不好用还不知道",
        "soonest": "这几处里办完最早",
        "nearest": "这几处里离您最近",
        "all_in_one_visit": "要办的事这里一趟都能办",
        "part_only": "这里只办:%(items)s。全部办完要跑 %(visits)s 趟",
        "receives": "这里代收,转给主管部门办,结果大约晚 %(days)s 个工作日",
        "agent": "这里有人帮您代办,结果大约晚 %(days)s 个工作日",
        "opens_first": "到的时候还没开门,%(at)s 开始办",
        "wait_unknown": "要等多久还估不出,写的是不用等时办完的时间",
        "next_chance": "要改天,最早 %(at)s",
        "home_only": "只给本地户籍或住址的人办,去之前请看清是不是您的镇(街道)",
        "online_first": "这件事要先在网上提交,再到窗口",
        "help_here": "到了有人帮您办,不用自己上网,也不用会用机器",
    }
)
"""Reasons of an option."""
AGAINST = MappingProxyType(
    {
        "straight_to_counter": "您可以直接去窗口,有人帮您。想自己办,去掉“长辈”或“没有手机”再看",
        "not_offered": "这个办法办不了:%(items)s",
        "closed_by_answers": "按您的回答,这个办法办不了:%(items)s",
        "in_person": "要本人到场:%(items)s。可以先在网上预审材料",
        "first_time": "第一次要本人到场:%(items)s。先回答问题,才知道能不能不去",
        "no_counter": "这里不设窗口",
        "not_taken": "这里不办这件事",
        "other_home": "不归这里办,要到您自己的镇(街道)或上一级",
        "closed": "那时不开门",
        "opens_later": "那时不开门,下次 %(at)s",
        "too_late": "到了也来不及在关门前办完",
        "too_late_today": "到了也来不及在关门前办完,下次开门 %(at)s",
        "outage": "暂停办理,恢复时间还不知道",
        "outage_until": "暂停办理,预计 %(at)s 恢复",
        "intake_stopped": "今天不再发号",
        "intake_paused": "这一队暂停发号",
        "no_window": "那时没有窗口办这件事",
        "not_reached": "那时取号,当天可能轮不到",
        "no_kiosk_working": "自助机现在用不了",
        "more_visits": "要多跑一趟:这里只办其中几件",
        "others_sooner": "别处更早办完,早约 %(minutes)s 分钟",
        "farther": "更远,不会更早办完",
        "counter_sooner": "去窗口反而更早办完",
    }
)
"""Reasons against what was left out."""
NOTES = MappingProxyType(
    {
        "next_chance": "%(day)s没有大厅来得及办,下次最早是 %(at)s:%(hall)s",
        "online_only": "窗口不办,只能在网上办:%(items)s",
        "not_for_home": "您的镇(街道)和上一级都不在窗口办:%(items)s。"
        "到任何一个大厅的导办台,请人帮您在网上办或联系能办的地方,不用取号;也可以打 12345",
        "no_chance": "最近一个月里没有大厅能办,请问 12345",
    }
)
"""What is said of the whole advice."""
COMMA = "、"


@dataclass(frozen=True)
class Reason:
    """A code, and what its sentence names; a thing with two names, or several of them, is named in the reader's."""

    code: str
    named: Mapping[str, Any] = field(default_factory=dict)

    def said(self, lang: Language) -> str:
        """The sentence."""
        return _said(FOR.get(self.code) or AGAINST[self.code], self.named, lang)

    def noted(self, lang: Language) -> str:
        """The sentence of a note."""
        return _said(NOTES[self.code], self.named, lang)


def _said(sentence: str, named: Mapping[str, Any], lang: Language) -> str:
    if not named:
        return translate(lang, sentence)
    return translate(lang, sentence, **{name: _named(value, lang) for name, value in named.items()})


def _named(value: Any, lang: Language) -> str:  # noqa: ANN401 - a text, a number, a row, or a list of rows
    if isinstance(value, (str, int)):
        return str(value)
    if isinstance(value, list):  # a hall may be a tuple that has a name
        return (COMMA if lang == "zh" else ", ").join(local(each, lang) for each in value)
    return local(value, lang)
