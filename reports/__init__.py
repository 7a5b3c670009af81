from . import contact_policy_numbers
from . import contact_pressure
from . import contact_dose
from . import contact_holdout
from . import contact_profile_long_view
from . import contact_profile_quiet
