"""The rooms of the administration, in the order of the navigation."""

from dataclasses import dataclass

from dispatch.foundation.errors import NotFound


@dataclass(frozen=True)
class Room:
    """One page of the navigation: `/admin/{path}`, or with `of_hall` `/admin/{hall}/{path}`.

    `title` is a Chinese message id; `permission` is what one needs to enter.
    """

    path: str
    title: str
    permission: str
    of_hall: bool = False

    def url(self, hall: str | None = None) -> str:
        """Where it is; one of a hall only with the hall's code."""
        return "/".join(part for part in ("/admin", hall if self.of_hall else None, self.path) if part)


ROOMS = (
    Room("", "大厅一览", "city.see"),
    Room("calendar", "工作日历", "halls.calendar"),
    Room("hours", "开门时间", "halls.hours", of_hall=True),
    Room("halting", "故障与关门", "halls.outage", of_hall=True),
    Room("staff", "排班", "staffing.see", of_hall=True),
    Room("devices", "设备", "devices.see", of_hall=True),
    Room("policy", "叫号规则", "policies.see", of_hall=True),
    Room("templates", "模板", "templates.see"),
    Room("template", "厅的设置", "templates.see", of_hall=True),
    Room("import", "导入", "import.city"),
    Room("unfound", "没找到的说法", "import.city"),
    Room("channels", "渠道先后", "channels.see"),
    Room("lists", "可办、常办清单", "lists.publish", of_hall=True),
    Room("people", "账号和权限", "accounts.see"),
    Room("reads", "查阅记录", "audit.read"),
)


def room(path: str) -> Room:
    """The room of this path; NotFound."""
    for found in ROOMS:
        if found.path == path:
            return found
    raise NotFound(what=path)
