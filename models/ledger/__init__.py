from . import contact_channel
from . import contact_category
from . import contact_touch
from . import contact_hold
from . import contact_profile
