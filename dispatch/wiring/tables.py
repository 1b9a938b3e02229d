"""All tables of the city in one place: what migrations are compared with."""

from dispatch.catalogue import models as catalogue
from dispatch.foundation import clock, idempotency, log
from dispatch.foundation.tables import Base
from dispatch.halls import models as halls
from dispatch.people import models as people
from dispatch.tickets import models as tickets

ROOMS = (log, clock, idempotency, halls, catalogue, people, tickets)
METADATA = Base.metadata
