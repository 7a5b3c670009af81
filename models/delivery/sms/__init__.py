"""Text messages, where Odoo's SMS Marketing (``mass_mailing_sms``) is installed.

See ``optional_models.extend`` for how these classes become part of their models.
"""

from .contact_handover import ContactHandover
from .mailing_mailing import MailingMailing
from .mailing_mailing_excluded import MailingMailing as MailingMailingExcluded
from .mailing_trace import MailingTrace
from .sms_composer import SmsComposer
from .sms_sms import SmsSms
from .sms_sms_handover import SmsSmsHandover
from .sms_tracker import SmsTracker

SMS_MARKETING = (
    ContactHandover,
    MailingMailing,
    MailingMailingExcluded,
    MailingTrace,
    SmsComposer,
    SmsSms,
    SmsSmsHandover,
    SmsTracker,
)
