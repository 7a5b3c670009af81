from . import contact_preflight
from . import contact_stage_move
