from . import (
    base_partner_merge,
    contact_of_person,
    contact_profile,
    contact_profile_address,
    contact_profile_contact,
    contact_profile_install,
    contact_profile_link,
    contact_profile_merge,
    contact_profile_people,
    contact_profile_resolve,
    mailing_contact,
    res_partner,
)
