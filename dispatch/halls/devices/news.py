"""What a hall's log says of its machines: random references and enums, never a person."""

from dataclasses import dataclass

from dispatch.foundation.log import Event


@dataclass(frozen=True)
class DevicePaired(Event):
    """The machine belongs to this hall from now on."""

    device: str
    machine: str
    window: str | None


@dataclass(frozen=True)
class DeviceRevoked(Event):
    """The machine's token is worth nothing any more; whoever holds a line to it hangs up."""

    device: str
    machine: str
    reason: str


@dataclass(frozen=True)
class DeviceCloned(Event):
    """Two machines use one token: both are refused until one is paired anew."""

    device: str
    machine: str


@dataclass(frozen=True)
class DeviceFault(Event):
    """What is wrong with the machine has changed; nothing is wrong when `faults` is empty and the paper is ok."""

    device: str
    machine: str
    paper: str
    faults: list[str]


@dataclass(frozen=True)
class HelpWanted(Event):
    """Somebody at this machine asks for a person to come."""

    device: str
