"""All tables of the city in one place: what migrations are compared with."""

from dispatch.catalogue import models as catalogue
from dispatch.catalogue.lists import models as lists
from dispatch.catalogue.volumes import models as volumes
from dispatch.foundation import clock, idempotency, identity, jobs, limits, listening, log, revisions
from dispatch.foundation.tables import Base
from dispatch.halls import models as halls
from dispatch.halls import receipts
from dispatch.halls.devices import models as devices
from dispatch.halls.templates import models as template_models
from dispatch.journeys import models as journeys
from dispatch.learning import models as learning
from dispatch.notices import models as notices
from dispatch.people import models as people
from dispatch.routing import models as routing
from dispatch.routing.ordering import models as ordering
from dispatch.staffing import models as staffing
from dispatch.tickets import beside, fetching, holding, prechecks, previews
from dispatch.tickets import models as tickets
from dispatch.waits import models as waits

ROOMS = (
    log,
    clock,
    idempotency,
    identity,
    jobs,
    listening,
    limits,
    revisions,
    halls,
    devices,
    catalogue,
    people,
    staffing,
    tickets,
    notices,
    holding,
    receipts,
    template_models,
    beside,
    fetching,
    prechecks,
    previews,
    journeys,
    learning,
    waits,
    routing,
    volumes,
    lists,
    ordering,
)
METADATA = Base.metadata
