"""What a machine that stands at a window may do there."""

from dispatch.foundation.errors import NotAllowed, NotSignedIn
from dispatch.halls import finding as halls
from dispatch.halls.devices.models import AT_A_WINDOW, Device
from dispatch.halls.models import Window
from dispatch.pages.shared.calls import Call


def device_at(call: Call, ident: str, kinds: tuple[str, ...] = AT_A_WINDOW) -> Window:
    """The window at which the calling machine stands; NotSignedIn for strangers, NotAllowed for every other."""
    if call.actor.kind == "citizen":
        raise NotSignedIn
    window = halls.window(call.session, ident)
    device = call.session.get(Device, call.actor.id) if call.actor.kind == "device" else None
    if device is None or not device.active or device.kind not in kinds or device.window != window.id:
        raise NotAllowed(field="window")
    return window
