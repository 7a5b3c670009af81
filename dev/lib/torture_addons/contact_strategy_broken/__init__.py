from . import contact_gate
