{
    "name": "Contact Strategy",
    "version": "19.0.1.0.0",
    "category": "Marketing/Email Marketing",
    "summary": "Never write too often: frequency caps that explain themselves",
    "author": "Contact Strategy Developers",
    "license": "LGPL-3",
    "depends": ["contacts", "mass_mailing"],
    "data": [
        "security/mass_mailing_contact_strategy_groups.xml",
        "security/contact_strategy_rules.xml",
        "security/ir.model.access.csv",
        "data/contact_channel_data.xml",
        "data/contact_category_data.xml",
        "data/ir_cron_data.xml",
    ],
    "post_init_hook": "post_init_hook",
    "application": True,
}
