from . import contact_gate
from . import contact_touch
from . import contact_hold
from . import mailing_mailing
from . import mailing_mailing_holds
from . import mailing_mailing_preflight
from . import mailing_trace
from . import mail_compose_message
