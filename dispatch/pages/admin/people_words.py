"""What roles, duties, permissions and reasons are called on the pages of the administration."""

from collections.abc import Mapping

HOLDERS: Mapping[str, str] = {
    "clerk": "窗口人员",
    "guide": "导办人员",
    "street": "镇街人员",
    "supervisor": "督办人员",
    "administrator:system": "系统管理员",
    "administrator:security": "安全管理员",
    "auditor": "审计管理员",
}
PERMISSIONS: Mapping[str, str] = {
    "tickets.see": "看号",
    "tickets.issue": "替人取号",
    "tickets.work": "办号(开始、办完、挂起、过号)",
    "tickets.guide": "导办(转号、激活、弃号)",
    "windows.work": "开窗口、叫号",
    "windows.keys": "按键盒叫号",
    "ratings.give": "评价器评价",
    "ratings.see": "看评价",
    "city.see": "看各厅情况",
    "log.read": "看操作留痕",
    "halls.outage": "报故障、停取号",
    "halls.close": "提前关门、停队列",
    "halls.hours": "改开门时间",
    "halls.calendar": "改工作日历",
    "staffing.see": "看排班",
    "staffing.edit": "排班、派驻、技能",
    "devices.see": "看设备",
    "devices.look": "看设备详情",
    "devices.pair": "配对、停用设备",
    "devices.report": "设备报到",
    "devices.print": "设备打印",
    "devices.help": "自助机呼叫帮助",
    "policies.see": "看叫号规则",
    "policies.edit": "改叫号规则",
    "templates.see": "看模板",
    "templates.edit": "改模板",
    "templates.override": "改本厅设置",
    "import.city": "导入全市数据",
    "demo.clock": "拨演示时钟",
    "people.find": "查找办事人",
    "people.unmask": "看办事人完整信息",
    "people.correct": "更正办事人信息",
    "people.export": "导出办事人信息",
    "people.erase": "删除办事人信息",
    "accounts.see": "看账号",
    "accounts.edit": "管账号和权限",
    "audit.read": "看查阅记录",
}
KINDS: Mapping[str, str] = {"unmask": "看全文", "correct": "更正", "export": "导出", "erase": "删除"}
REASONS: Mapping[str, str] = {
    "service": "办事需要",
    "enquiry": "答复询问",
    "complaint": "处理投诉",
    "correction": "更正错误",
    "request": "本人要求",
    "audit": "审计检查",
    "other": "其他",
}
FIELDS: Mapping[str, str] = {"name": "姓名", "phone": "电话", "id_number": "证件号", "id_kind": "证件类型"}
