from . import test_category_channel
from . import test_check_contact_oracle
from . import test_core_windows
from . import test_identity
from . import test_identity_change
from . import test_identity_install
from . import test_identity_resolve
from . import test_rule_validation
