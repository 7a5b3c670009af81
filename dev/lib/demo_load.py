"""Set the demo up inside Odoo: company, users, customers, policies, history."""

from datetime import timedelta

from odoo import Command

from . import demo_plan, demo_sample

COMPANY = {
    "name": "Hillside Outfitters",
    "email": "hello@hillside.example.com",
    "street": "12 Orchard Street",
    "city": "Springfield",
    "tz": "America/Chicago",
}
PROPERTIES = [
    {"name": "past_spend", "string": "Past spend (12 months)", "type": "float"},
    {"name": "recency", "string": "Months since last purchase", "type": "integer"},
    {
        "name": "area",
        "string": "Area",
        "type": "selection",
        "selection": [
            ["urban", "Urban"],
            ["suburban", "Suburban"],
            ["rural", "Rural"],
        ],
    },
    {"name": "newcomer", "string": "Newcomer", "type": "boolean"},
    {
        "name": "bought_by",
        "string": "Buys",
        "type": "selection",
        "selection": [
            ["phone", "By phone"],
            ["web", "On the web"],
            ["multichannel", "Both ways"],
        ],
    },
    {"name": "bought_mens", "string": "Bought men's", "type": "boolean"},
    {"name": "bought_womens", "string": "Bought women's", "type": "boolean"},
]
ADDON = "mass_mailing_contact_strategy"


def company(env, smtp_port):
    """The demo company, its users, its outgoing mail server."""
    values = dict(COMPANY)
    time_zone = values.pop("tz")
    main = env.ref("base.main_company")
    main.write(values)
    main.partner_id.tz = time_zone
    for user in (env.ref("base.user_admin"), env.ref("base.user_root")):
        user.tz = time_zone
    env.ref("base.user_admin").email = "admin@hillside.example.com"
    for login, name, groups in demo_plan.USERS:
        env["res.users"].with_context(no_reset_password=True).create(
            {
                "login": login,
                "password": login,
                "name": name,
                "email": f"{login}@hillside.example.com",
                "tz": time_zone,
                "group_ids": [
                    Command.link(env.ref(group).id)
                    for group in ("base.group_user", *groups)
                ],
            }
        )
    # larger batches than Odoo's 50: it reads all opt-outs again for each of them
    env["ir.config_parameter"].set_param("mail.batch_size", "500")
    env["ir.mail_server"].search([]).unlink()
    env["ir.mail_server"].create(
        {"name": "Demo", "smtp_host": "127.0.0.1", "smtp_port": smtp_port}
    )


def customers(env):
    """A contact for each customer, with what is known about the customer."""
    field = env["ir.model.fields"]._get("res.partner", "properties")
    definition = env["properties.base.definition"].search(
        [("properties_field_id", "=", field.id)]
    ) or env["properties.base.definition"].create({"properties_field_id": field.id})
    definition.properties_definition = PROPERTIES
    tag = env["res.partner.category"].create({"name": "Customer", "color": 4})
    sample = demo_sample.load()
    partners = env["res.partner"].create(
        [
            {
                "name": customer.name,
                "email": customer.email,
                "ref": f"C{customer.row:05}",
                "tz": demo_plan.time_zone(customer),
                "category_id": [Command.link(tag.id)],
                "properties": {
                    "past_spend": customer.past_spend,
                    "recency": customer.recency,
                    "area": customer.area,
                    "newcomer": customer.newcomer,
                    "bought_by": customer.bought_by,
                    "bought_mens": customer.bought_mens,
                    "bought_womens": customer.bought_womens,
                },
            }
            for customer in sample
        ]
    )
    return list(zip(sample, partners, strict=True))


def policies(env):
    """The three policies, in order."""
    director = env["res.users"].search([("login", "=", "director")])
    for sequence, policy in enumerate(demo_plan.POLICIES, 1):
        env["contact.policy"].create(
            {
                "name": policy.name,
                "sequence": 10 * sequence,
                "domain": policy.domain,
                "is_guard": policy.is_guard,
                "user_id": director.id,
                "description": f"<p>{policy.description}</p>",
                "rule_ids": [
                    Command.create(_rule_values(env, rule)) for rule in policy.rules
                ],
            }
        )


def _rule_values(env, rule):
    in_days = rule.maximum is not None
    values = {
        "rule_type": "cap" if in_days else "gap",
        "window_value": rule.hours // 24 if in_days else rule.hours,
        "window_unit": "day" if in_days else "hour",
    }
    if in_days:
        values["max_touches"] = rule.maximum
    if rule.channel:
        channel = env.ref(f"{ADDON}.contact_channel_{rule.channel}")
        values["channel_ids"] = [Command.link(channel.id)]
    return values


def history(env, people, start):
    """Touches of the time before: calls, letters, what an agency sent."""
    channels = {
        channel.code: channel.id for channel in env["contact.channel"].search([])
    }
    category = env.ref(f"{ADDON}.contact_category_promotion")
    return env["contact.touch"].create(
        [
            {
                "profile_id": partner.profile_id.id,
                "address": partner.email_normalized,
                "channel_id": channels[channel],
                "category_id": category.id,
                "date": start + timedelta(hours=hours),
                "note": note,
            }
            for customer, partner in people
            for hours, channel, note in demo_plan.history(customer)
        ]
    )
