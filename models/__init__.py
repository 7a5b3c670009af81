# The order is the order in which data flows (see docs/design.md): a room may only use
# the rooms above it.
from . import storable
from . import identity
from . import insight
from . import audience
from . import ledger
from . import policy
from . import delivery
