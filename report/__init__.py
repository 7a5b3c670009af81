from . import contact_journey_balance
from . import contact_journey_reach
