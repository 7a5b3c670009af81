from . import contact_policy_starter
from . import contact_policy_try
from . import contact_preflight
from . import contact_print_return
from . import contact_stage_move
from . import contact_wish_revoke
