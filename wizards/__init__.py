from . import contact_preflight
