"""Two business units and the rules that share one guest, set up inside Odoo.

Runs after the week, at its end. Everything happens the real way: the gate decides, a
director overrides, Odoo's scheduled actions send.
"""

from datetime import datetime, timedelta

from odoo import Command

from . import demo_guests
from .demo_load import ADDON

DOMAIN = [("category_id.name", "=", demo_guests.TAG)]
CARD = "CARD-"
HOLDERS = [*DOMAIN, ("ref", "=like", f"{CARD}%")]


class Units:
    """The business units, at the end of the week.

    :param week: the week that has been lived through
    """

    def __init__(self, env, week):
        self.env = env
        self.week = week
        self.director = env["res.users"].search([("login", "=", "director")])
        self.units = {}

    def run(self):
        """Units, costs, guests, policies, mailings, override: in this order."""
        self._make_units()
        self._cost()
        self._policies()
        self._guests()
        later = datetime.utcnow() + timedelta(days=1)
        self._mailing(demo_guests.PLANNED, later, priority=20)
        offer = self._mailing(demo_guests.OFFER)
        self._override(offer)
        self._mailing(demo_guests.STAY)

    def _make_units(self):
        main = self.env.ref("base.main_company")
        lodge = self.env["res.company"].create(
            {"name": demo_guests.LODGE, "parent_id": main.id, "email": main.email}
        )
        self.units = {demo_guests.SHOPS: main, demo_guests.LODGE: lodge}
        users = self.director + self.week.user + self.env.ref("base.user_admin")
        users.write({"company_ids": [Command.link(lodge.id)]})

    def _cost(self):
        """Each channel has its price; an event is a channel like others."""
        Channel = self.env["contact.channel"]
        self.channels = {channel.code: channel for channel in Channel.search([])}
        if "event" not in self.channels:
            self.channels["event"] = Channel.create(
                {
                    "name": "Event",
                    "unit_name": "invitations to events",
                    "unit_one": "invitation to an event",
                    "code": "event",
                    "sequence": 50,
                }
            )
        for code, cost in demo_guests.COSTS.items():
            self.channels[code].cost = cost

    def _guests(self):
        tag = self.env["res.partner.category"].create({"name": demo_guests.TAG})
        complained = self.env.ref(f"{ADDON}.contact_tag_opinion_complained")
        now = datetime.utcnow()
        for guest in demo_guests.GUESTS:
            partner = self.env["res.partner"].create(
                {
                    "name": guest.name,
                    "email": guest.email,
                    "ref": guest.has_card and f"{CARD}{guest.name[0]}",
                    "street": guest.street,
                    "zip": guest.street and "62701",
                    "city": guest.street and "Springfield",
                    "category_id": [Command.link(tag.id)],
                }
            )
            self._touch(partner, guest, now)
            if guest.complained:
                self.env["contact.tag.assignment"].create(
                    {
                        "profile_id": partner.profile_id.id,
                        "tag_id": complained.id,
                        "source": "user",
                        "note": "The parcel came twice, and so did the bill",
                        "first_seen": now - timedelta(days=3),
                        "last_seen": now - timedelta(days=3),
                    }
                )

    def _touch(self, partner, guest, now):
        category = self.env.ref(f"{ADDON}.contact_category_newsletter")
        self.env["contact.touch"].create(
            [
                {
                    "profile_id": partner.profile_id.id,
                    "address": partner.email_normalized,
                    "channel_id": self.channels[channel].id,
                    "category_id": category.id,
                    "date": now - timedelta(days=days),
                    "note": "Before the units had their own mailings",
                }
                for days, channel in guest.before
            ]
        )

    def _policies(self):
        own = (
            # the branch's first: what the company has binds its branches, too
            (demo_guests.OF_LODGE, demo_guests.LODGE, _cap(self, 3, 7)),
            (demo_guests.OF_SHOPS, demo_guests.SHOPS, _cap(self, 2, 3)),
        )
        for sequence, (name, unit, rule) in enumerate(own, 1):
            self._policy(
                name,
                sequence,
                f"What {unit} allows itself.",
                [rule],
                company_id=self.units[unit].id,
            )
        self._policy(
            demo_guests.SHARED,
            5,
            "Both units share one guest: what all of them together may do.",
            self._shared_rules(),
            is_guard=True,
        )

    def _policy(self, name, sequence, description, rules, **values):
        domain = [(f"partner_id.{path}", *rest) for path, *rest in DOMAIN]
        return self.env["contact.policy"].create(
            {
                "name": name,
                "sequence": sequence,
                "domain": str(domain),
                "user_id": self.director.id,
                "description": f"<p>{description}</p>",
                "rule_ids": [Command.create(rule) for rule in rules],
                **values,
            }
        )

    def _shared_rules(self):
        """Complaint, ladder, quota, household, cost."""
        complained = self.env.ref(f"{ADDON}.contact_tag_opinion_complained")
        kept = {"company_id": self.units[demo_guests.LODGE].id, "touches": 1}
        ladder = ((5, "slow", 1), (8, "pause", 3), (12, "stop", 1))
        return [
            {
                "sequence": 1,
                "rule_type": "block",
                "tag_ids": [Command.link(complained.id)],
                "is_for_a_time": True,
                "window_value": 60,
                "window_unit": "day",
            },
            {
                "sequence": 2,
                "rule_type": "sunset",
                "step_ids": [
                    Command.create(_step(place, *step))
                    for place, step in enumerate(ladder, 1)
                ],
            },
            {**_cap(self, 3, 7), "sequence": 3, "quota_ids": [Command.create(kept)]},
            {
                **_cap(self, 1, 12),
                "sequence": 4,
                "window_unit": "hour",
                "count_per": "household",
            },
            {
                "sequence": 5,
                "rule_type": "cost",
                "max_cost": 25,
                "window_value": 3,
                "window_unit": "month",
            },
        ]

    def _mailing(self, subject, later=None, priority=0):
        """Written by marketing; sent at once, or planned for later."""
        body = f"<p>{subject}</p>"
        category = "renewal" if later else "promotion"
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": subject,
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "mailing_domain": str(HOLDERS if later else DOMAIN),
                "category_id": self.env.ref(f"{ADDON}.contact_category_{category}").id,
                "company_id": self.units[demo_guests.unit_of(subject)].id,
                "policy_priority": priority,
                "user_id": self.week.user.id,
                "body_arch": body,
                "body_html": body,
                "keep_archives": True,
                "schedule_type": "scheduled" if later else "now",
                "schedule_date": later,
            }
        )
        if later:
            mailing.action_put_in_queue()
        else:
            mailing.action_launch()
            self.week.queues()
        return mailing

    def _override(self, mailing):
        """The director signs; who waited gets it, and it counts."""
        partner = self.env["res.partner"].search([("name", "=", demo_guests.OSCAR)])
        self.env["contact.override"].with_user(self.director).with_company(
            mailing.company_id
        ).create(
            {
                "mailing_id": mailing.id,
                "profile_id": partner.profile_id.id,
                "reason": demo_guests.REASON,
                "until": datetime.utcnow() + timedelta(days=30),
            }
        )
        self.week.queues()


def _cap(units, maximum, days):
    return {
        "rule_type": "cap",
        "max_touches": maximum,
        "window_value": days,
        "window_unit": "day",
        "channel_ids": [Command.link(units.channels["email"].id)],
    }


def _step(sequence, touches, effect, months):
    return {
        "sequence": sequence,
        "after_touches": touches,
        "effect": effect,
        "window_value": months,
        "window_unit": "month",
    }
