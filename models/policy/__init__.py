from . import ir_actions_server
from . import contact_policy
from . import contact_policy_rule
from . import contact_policy_rule_sentence
from . import contact_policy_rule_run
from . import contact_policy_engine
from . import contact_profile
from . import contact_hold
