"""What machines and those who look after them send, and what they are told."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from dispatch.halls.devices.finding import STATUSES
from dispatch.halls.devices.models import ABILITIES, FAULTS, KINDS, PAPER
from dispatch.halls.devices.tokens import REASONS
from dispatch.notices.models import PRINT_STATES, TROUBLES
from dispatch.pages.api.forms import Body, Code
from dispatch.pages.api.words import OneOf

Kind = Annotated[str, OneOf(KINDS)]
Ability = Annotated[str, OneOf(ABILITIES)]
Paper = Annotated[str, OneOf(PAPER)]
Fault = Annotated[str, OneOf(FAULTS)]
Status = Annotated[str, OneOf(STATUSES)]
Reason = Annotated[str, OneOf(REASONS)]
PrintState = Annotated[str, OneOf(PRINT_STATES)]
Trouble = Annotated[str, OneOf(TROUBLES)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
UserCode = Annotated[str, StringConstraints(min_length=8, max_length=12)]
Nonce = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Address = Annotated[str, StringConstraints(pattern=r"^(tcp|pretend)://[A-Za-z0-9.\-]{1,80}(:[0-9]{1,5})?$")]


class NewPairing(Body):
    """A machine asks to be paired."""

    kind: Kind


class PairingAsked(BaseModel):
    """The machine shows `user_code`, keeps `device_code` to itself, and asks every `interval_s` for its token."""

    device_code: str
    user_code: str
    verification_uri: str
    expires_in_s: int
    interval_s: int


class Approval(Body):
    """The machine that shows this code belongs to this hall; `window` where it is a caller or a rating pad."""

    user_code: UserCode
    hall: Code
    name: Name | None = None
    window: Code | None = None
    abilities: Annotated[list[Ability], Field(max_length=len(ABILITIES))] = []
    items: Annotated[list[Code], Field(max_length=500)] | None = Field(
        None, description="items that it can do; null for all that its hall takes"
    )
    address: Address | None = Field(
        None, description="where a printer on the network listens: tcp://host:9100"
    )
    replaces: Code | None = Field(None, description="a machine of the same hall that it stands in for")


class Denial(Body):
    """The machine that shows this code is sent away."""

    user_code: UserCode


class Collecting(Body):
    """A machine comes for its token."""

    device_code: Annotated[str, StringConstraints(min_length=16, max_length=100)]


class Beat(Body):
    """How a machine is. `nonce` is the one of the last answer; the first call of all may lack it."""

    state: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,19}$")] | None = None
    paper: Paper | None = Field(None, description="null leaves it as it was last said")
    faults: Annotated[list[Fault], Field(max_length=len(FAULTS))] | None = None
    nonce: Nonce | None = None
    at: AwareDatetime | None = Field(None, description="the machine's own clock")
    receipt: int | None = Field(
        None, ge=0, le=2**53 - 1, description="seq of the last call that a board showed"
    )


class Beaten(BaseModel):
    """`nonce` is to be brought next time; a `token` holds from now on. A browser keeps both in its cookies."""

    device: str
    nonce: str | None
    token: str | None
    generation: int
    heartbeat_s: int
    server_time: datetime


class Revocation(Body):
    """Why a machine is put out of use."""

    reason: Reason = "revoked"


class DeviceShown(BaseModel):
    """A machine as those who look after it see it."""

    id: str
    kind: Kind
    name: str
    hall: str
    window: str | None
    abilities: list[Ability]
    items: list[str] | None
    status: Status
    paper: Paper
    faults: list[Fault]
    state: str | None
    last_heard: datetime | None
    clock_skew_s: float | None
    session: str
    generation: int
    last_receipt: int | None
    last_receipt_at: datetime | None
    paired_at: datetime
    revoked_at: datetime | None


class DevicePaired(DeviceShown):
    """A machine with its token, told this once, and the nonce of its first call."""

    token: str
    nonce: str


class Devices(BaseModel):
    """The machines of a hall."""

    devices: list[DeviceShown]


class Printing(Body):
    """On which machine to print; without one, on the hall's first that works."""

    device: Code | None = None


class PrintFailed(Body):
    """Why nothing came out."""

    trouble: Trouble = "other"


class JobShown(BaseModel):
    """A ticket to be printed, and how far that is."""

    id: str
    ticket: str | None
    device: str
    state: PrintState
    trouble: Trouble | None
    attempts: int
    asked_at: datetime


class JobToPrint(JobShown):
    """The same for the machine itself: what is to come out, as lines of text and as bytes for an ESC/POS printer."""

    lines: list[str]
    link: str | None
    escpos: str = Field(description="base64")


class Jobs(BaseModel):
    """What a machine has to print, oldest first."""

    jobs: list[JobToPrint]
