"""What is known of the people, found inside Odoo by the addon's own jobs.

The year before the week is lived through month by month: people register, buy, and sign
up; each month Odoo's scheduled actions look at the signals, move people on their
journey and conclude who they are. So the history of the journey has its dates.
"""

from datetime import timedelta

from odoo import Command

from . import (
    console,
    demo_orders,
    demo_people,
    demo_purchases,
    demo_segments,
    demo_signals,
)
from .demo_load import ADDON
from .demo_week import clock

MONTHS = 12
DAYS = 31
JOBS = (
    "ir_cron_signal_evaluate_all",
    "ir_cron_advance",
    "ir_cron_walk_persona",
    "ir_cron_walk_engagement",
    "ir_cron_walk_quality",
    "ir_cron_segment_refresh_all",
)
SIGN_UP_MONTHS = 3


class Year:
    """The year that ends with the week.

    :param people: pairs (customer, contact)
    :param datetime start: of the week
    """

    def __init__(self, env, people, start):
        self.env = env
        self.people = people
        self.start = start
        self.with_sales = "sale.order" in env
        self.purchases = demo_purchases.load()
        self.prospects = demo_purchases.load_prospects()

    def run(self):
        """Everything before the week."""
        with clock(begin(self.start)):
            self._set_up()
            demo_segments.create(self.env, self.with_sales)
            self._say(demo_people.registered)
            self._consent()
        last = begin(self.start)
        for month in range(MONTHS - 1, -1, -1):
            moment = self.start - timedelta(days=DAYS * month)
            title = f"a month that ends {DAYS * month} days before"
            with console.progress(title), clock(moment):
                self._buy(last, moment)
                if month < SIGN_UP_MONTHS:
                    self._sign_up(month)
                if not month:
                    self._say(demo_people.answered)
                    self._say_personas()
                work(self.env)
            last = moment

    # ------------------------------------------------------------
    # Personas, tags and signals
    # ------------------------------------------------------------

    def _set_up(self):
        Dimension = self.env["contact.tag.dimension"]
        for code, name, question, area, is_exclusive in demo_people.DIMENSIONS:
            Dimension.create(
                {
                    "name": name,
                    "code": code,
                    "description": question,
                    "area": area,
                    "is_exclusive": is_exclusive,
                }
            )
        for dimension, name in demo_people.TAGS:
            self._tag(dimension, name)
        for sequence, persona in enumerate(demo_people.PERSONAS, 1):
            self._make_persona(sequence, persona)
        for code in demo_signals.STARTERS:
            self.env.ref(f"{ADDON}.contact_signal_{code}").active = True
        self.env["contact.signal"].create(
            [
                self._signal_values(signal)
                for signal in demo_signals.signals(self.with_sales)
            ]
        )
        promoter = self.env.ref(f"{ADDON}.contact_journey_stage_promoter")
        promoter.write(
            {
                "domain": repr(
                    [("explicit_tag_ids", "in", [self._tag(*demo_people.RECOMMENDS)])]
                ),
                "is_automatic": True,
            }
        )

    def _make_persona(self, sequence, persona):
        names = ("name", "title", "description", "goals", "pains", "objections")
        names = (*names, "answer", "domain", "weight", "threshold")
        self.env["contact.persona"].create(
            {
                **{name: getattr(persona, name) for name in names},
                "question": demo_people.QUESTION,
                "sequence": sequence,
                "color": sequence,
            }
        )

    def _persona(self, key):
        name = next(p.name for p in demo_people.PERSONAS if p.key == key)
        return self.env["contact.persona"].search([("name", "=", name)]).id

    def _tag(self, code, name):
        """Id of a tag, made when it is needed first."""
        dimension = self.env["contact.tag.dimension"].search([("code", "=", code)])
        values = {"dimension_id": dimension.id, "name": name}
        Tag = self.env["contact.tag"]
        tag = Tag.search([(key, "=", value) for key, value in values.items()])
        return (tag or Tag.create(values)).id

    def _signal_values(self, signal):
        values = {
            "name": signal.name,
            "active": True,
            "model_id": self.env["ir.model"]._get_id(signal.model),
            "domain": signal.domain,
            "person_path": signal.person,
            "date_path": signal.date,
            "window_unit": "day",
            "source": signal.source,
            "confidence": signal.confidence,
            **signal.compares,
        }
        if signal.tag:
            return values | {"effect": "tag", "tag_id": self._tag(*signal.tag)}
        if signal.stage:
            stage = self.env.ref(f"{ADDON}.contact_journey_stage_{signal.stage}")
            return values | {"effect": "stage", "stage_id": stage.id}
        values["points"] = signal.points
        if signal.persona:
            persona_id = self._persona(signal.persona)
            return values | {"effect": "persona", "persona_id": persona_id}
        return values | {"effect": "engagement"}

    # ------------------------------------------------------------
    # What people say
    # ------------------------------------------------------------

    def _say(self, said):
        tags = {}
        facts = []
        for customer, partner in self.people:
            for dimension, name, source, note in said(customer):
                key = (dimension, name)
                tags[key] = tags.get(key) or self._tag(*key)
                facts.append(
                    {
                        "profile_id": partner.profile_id.id,
                        "tag_id": tags[key],
                        "kind": "explicit",
                        "source": source,
                        "note": note,
                    }
                )
        self.env["contact.tag.assignment"]._see(facts)

    def _say_personas(self):
        answers = {p.key: p.answer for p in demo_people.PERSONAS}
        for customer, partner in self.people:
            key = demo_people.says_persona(customer)
            if key:
                partner.profile_id._answer_persona(
                    answers[key], demo_people.QUESTION, source="survey"
                )

    def _consent(self):
        """Customers may be written to; of some it is not known where they agreed."""
        profiles = self.env["contact.profile"].browse(
            [
                partner.profile_id.id
                for customer, partner in self.people
                if customer.index % 5
            ]
        )
        profiles.write({"consent_basis": "customer", "consent_source": "Shop"})

    # ------------------------------------------------------------
    # What people do
    # ------------------------------------------------------------

    def _buy(self, after, until):
        """Purchases of a month."""
        bought = [
            (customer, partner, moment)
            for customer, partner in self.people
            for moment in demo_purchases.moments(
                self.purchases[customer.row], self.start
            )
            if after < moment <= until
        ]
        if self.with_sales:
            demo_orders.create(self.env, bought, self.purchases)
        else:
            self._receive(bought)

    def _receive(self, bought):
        """A receipt for each purchase, and that the person has bought."""
        channel = self.env.ref(f"{ADDON}.contact_channel_email").id
        receipt = self.env.ref(f"{ADDON}.contact_category_transactional").id
        self.env["contact.touch"].create(
            [
                {
                    "profile_id": partner.profile_id.id,
                    "address": partner.email_normalized,
                    "channel_id": channel,
                    "category_id": receipt,
                    "date": moment,
                    "converted": True,
                    "converted_date": moment,
                    "note": "Receipt",
                }
                for _customer, partner, moment in bought
            ]
        )

    def _sign_up(self, month):
        """People who have not bought yet; most of them get on the list."""
        coming = [p for p in self.prospects if p.index % SIGN_UP_MONTHS == month]
        List = self.env["mailing.list"]
        values = {"name": "Season letter"}
        news = List.search([("name", "=", values["name"])]) or List.create(values)
        contacts = self.env["mailing.contact"].create(
            [
                {
                    "name": prospect.name,
                    "email": prospect.email,
                    # not list_ids: Odoo would not note when
                    "subscription_ids": [Command.create({"list_id": news.id})]
                    if prospect.interest != "stranger"
                    else [],
                }
                for prospect in coming
            ]
        )
        contacts.filtered("subscription_ids").profile_id.write(
            {"consent_basis": "double_opt_in", "consent_source": "Season letter"}
        )
        self._ask(coming)

    def _ask(self, coming):
        """Some of them ask for more."""
        self.env["crm.lead"].with_context(
            tracking_disable=True, mail_create_nosubscribe=True, mail_create_nolog=True
        ).create(
            [
                {
                    "name": f"{prospect.name} asks about sizes",
                    "type": prospect.interest,
                    "contact_name": prospect.name,
                    "email_from": prospect.email,
                    "user_id": False,
                }
                for prospect in coming
                if prospect.interest in ("lead", "opportunity")
            ]
        )


def begin(start):
    """When the customers register: before the first of them buys."""
    return start - timedelta(days=DAYS * MONTHS)


def work(env):
    """What Odoo's scheduler does each night."""
    env.cr.commit()
    for job in JOBS:
        problem = env.ref(f"{ADDON}.{job}").method_direct_trigger()
        env.cr.commit()
        env.invalidate_all()
        if problem is not True:
            raise RuntimeError(problem["params"]["data"]["debug"])
