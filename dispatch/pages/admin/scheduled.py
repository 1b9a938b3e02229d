"""What an administrator sees of the scheduled jobs: that all of them run, or what is wrong with which."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from dispatch.foundation.jobs import Alarm, alarms
from dispatch.foundation.words import translate
from dispatch.pages.shared.calls import language

ROLES: Mapping[str, str] = {"clock": "定时进程", "forecast": "预测进程"}
JOBS: Mapping[str, str] = {
    "hear": "听各厅的消息",
    "lapse_leases": "收回没有动静的窗口",
    "return_moves": "退回没人接的转号",
    "end_service_days": "结束过去的日子",
    "forget_old": "删除过期的资料",
    "keep_outages": "到点恢复故障",
    "settle_closings": "安排提前关门",
    "take_templates": "模板到点生效",
    "print_tickets": "打印号票",
    "watch_printers": "查看打印机",
    "sign_heads": "给操作留痕签名",
    "hand_on_heads": "把签名交到外面保管",
    "regulate_intake": "按时停止取号",
    "preview_policies": "试算叫号规则",
    "forecast_waits": "预估候时",
    "learn": "从办理记录里学习",
    "pool_halls": "汇总各大厅的经验",
    "score_waits": "核对报过的候时",
    "teach_forecaster": "训练候时模型",
    "roll_up_announcements": "汇总报过的候时",
    "expire_journeys": "取消没有到的行程",
    "end_served_journeys": "结束已在原大厅办理的行程",
    "weigh_journeys": "统计多少人真的来",
    "review_channels": "核对各渠道办得怎么样",
}
SENTENCES: Mapping[str, str] = {
    "nobody": "%(role)s没有开",
    "silent": "%(role)s停住了,已经 %(time)s没有动静",
    "late": "“%(job)s”没有按时做,已经过了 %(time)s",
    "hangs": "“%(job)s”卡住了,这一次已经做了 %(time)s",
    "fails": "“%(job)s”做不成,已经 %(time)s了",
}


def told(session: Session, real_now: datetime) -> list[str]:
    """A sentence for everything that is wrong; none when every job runs."""
    return [_sentence(alarm, real_now) for alarm in alarms(session, real_now)]


def _sentence(alarm: Alarm, real_now: datetime) -> str:
    lang = language()
    return translate(
        lang,
        SENTENCES[alarm.what],
        role=translate(lang, ROLES[alarm.role]),
        job=translate(lang, JOBS.get(alarm.job or "", alarm.job or "")),
        time=_duration(real_now - alarm.since) if alarm.since else "",
    )


def _duration(time: timedelta) -> str:
    seconds = round(time.total_seconds())
    if seconds < 120:
        return translate(language(), "%(n)s 秒", n=seconds)
    return translate(language(), "%(n)s 分钟", n=seconds // 60)
