from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.core.storable import shown

BANDS = {"good": 80, "fair": 50, "poor": 0}
"""From how many points on data are good, fair or poor."""
REASONS = 5
"""So many things are named that are wrong with data."""


class ContactProfile(models.Model):
    """Where everybody is: what the first screen of the app shows."""

    _inherit = "contact.profile"

    @api.model
    def get_overview(self, parts=None):
        """Counts over the people whom the user may see.

        :param list parts: names of parts (see ``_get_overview_parts``); default: all
        :return: {name of the part: its numbers}
        :raise UserError: there is no such part
        """
        self.browse().check_access("read")
        known = self._get_overview_parts()
        if parts is None or parts is False:
            parts = list(known)
        if not isinstance(parts, (list, tuple)):
            raise UserError(self.env._("Parts are given by their names."))
        for name in parts:
            if not isinstance(name, str) or name not in known:
                raise UserError(
                    self.env._("The overview has no part “%s”.", shown(name))
                )
        return {name: known[name]() for name in parts}

    @api.model
    def _get_overview_parts(self):
        """What the first screen shows.

        Override to add a part: call super and add a function without arguments, under
        its name, that returns plain values.

        :rtype: dict
        """
        return {
            "people": self._overview_people,
            "reasons": self._overview_reasons,
            "steps": self._get_first_steps,
        }

    @api.model
    def _overview_domain(self):
        """Test addresses are never reported.

        :rtype: Domain
        """
        return Domain("is_seed", "=", False)

    @api.model
    def _overview_people_domain(self):
        """Whom the numbers are about: not those who only work here.

        Odoo makes a contact of every user, so a new database would begin with poor
        data about nobody in particular. A list of ids: there are few users, and the
        lists that are opened from the numbers take the same domain.

        :rtype: Domain
        """
        domain = self._overview_domain()
        staff = self._overview_staff()
        return domain & Domain("id", "not in", staff.ids) if staff else domain

    @api.model
    def _overview_staff(self):
        """Odoo's users and companies that are on no mailing list and said nothing of
        themselves. Portal users are customers.

        Override to take out whoever is somebody to write to all the same. Elevated:
        users are few, and they are only left out.

        :return: profiles
        """
        everybody = self.sudo().with_context(active_test=False)
        env = everybody.env
        users = env["res.users"].search([("share", "=", False)])
        users |= env.ref("base.group_public").all_user_ids
        for name in ("base.public_user", "base.template_portal_user_id"):
            users |= env.ref(name, raise_if_not_found=False) or env["res.users"]
        own = users.partner_id | env["res.company"].search([]).partner_id
        return everybody.search(
            [
                ("partner_id", "in", own.ids),
                ("mailing_contact_ids", "=", False),
                ("explicit_tag_ids", "=", False),
            ],
            order="id",
        )

    @api.model
    def _overview_people(self):
        """How many people there are of each persona in each stage, and how warm and how
        well known they are.

        :return: dict with ``total``, ``domain`` (of all of them), ``personas`` and
            ``stages`` (lists of dict ``id`` or False, ``name``, ``count``), ``cells``
            (list of persona, stage, number), ``engagement`` and ``quality`` (lists of
            dict ``key``, ``label``, ``count``, ``domain``)
        """
        cells, personas, stages, classes, bands = {}, {}, {}, {}, {}
        for persona, stage, class_, band, count in self._count_overview():
            for counted, key in (
                (cells, (persona or False, stage or False)),
                (personas, persona or False),
                (stages, stage or False),
                (classes, class_ or "silent"),
                (bands, band),
            ):
                counted[key] = counted.get(key, 0) + count
        return {
            "total": sum(cells.values()),
            "domain": list(self._overview_people_domain()),
            "personas": self._overview_axis("contact.persona", personas),
            "stages": self._overview_axis("contact.journey.stage", stages),
            "cells": [[*key, count] for key, count in cells.items()],
            "engagement": self._overview_classes(classes),
            "quality": self._overview_bands(bands),
        }

    @api.model
    def _count_overview(self):
        """Rows (persona, stage, class, band, number of people).

        SQL, because the bands of a score are no field: so one scan answers all, instead
        of one for each question.
        """
        query = self._search(self._overview_people_domain())
        names = ("persona_id", "journey_stage_id", "engagement_class")
        columns = [self._field_to_sql(self._table, name, query) for name in names]
        score = self._field_to_sql(self._table, "quality_score", query)
        columns.append(
            SQL(
                "CASE WHEN %(score)s >= %(good)s THEN 'good'"
                " WHEN %(score)s >= %(fair)s THEN 'fair' ELSE 'poor' END",
                score=score,
                **{name: BANDS[name] for name in ("good", "fair")},
            )
        )
        query.groupby = SQL("1, 2, 3, 4")
        query.order = None
        return self.env.execute_query(query.select(*columns, SQL("count(*)")))

    @api.model
    def _overview_axis(self, model, counts):
        """The lines or columns of the table: all that are in use, in their order; last
        the people who have none.

        :param dict counts: {id or False: number of people}
        """
        Model = self.env[model]
        used = Model.browse([id_ for id_ in counts if id_])
        records = (Model.search([]) | used).sorted()
        axis = [
            {"id": record.id, "name": record.name, "count": counts.get(record.id, 0)}
            for record in records
        ]
        if counts.get(False):
            axis.append({"id": False, "name": False, "count": counts[False]})
        return axis

    @api.model
    def _overview_classes(self, counts):
        selection = self._fields["engagement_class"]._description_selection(self.env)
        return [
            {
                "key": key,
                "label": label,
                "count": counts.get(key, 0),
                # Nobody has measured whoever has none.
                "domain": [
                    (
                        "engagement_class",
                        "in",
                        [key, False] if key == "silent" else [key],
                    )
                ],
            }
            for key, label in selection
        ]

    @api.model
    def _overview_bands(self, counts):
        labels = {
            "good": self.env._("good"),
            "fair": self.env._("fair"),
            "poor": self.env._("poor"),
        }
        bands, above = [], None
        for key, lowest in BANDS.items():
            domain = [("quality_score", ">=", lowest)] if lowest else []
            if above:
                domain.append(("quality_score", "<", above))
            bands.append(
                {
                    "key": key,
                    "label": labels[key],
                    "count": counts.get(key, 0),
                    "domain": domain,
                }
            )
            above = lowest
        return bands

    @api.model
    def _overview_reasons(self):
        """What is wrong with the data of most people.

        :return: list of dict ``id``, ``name``, ``count``
        """
        Check = self.env["contact.quality.check"]
        counts = dict(self.env.execute_query(self._sql_count_reasons()))
        checks = Check.search([("id", "in", list(counts))])
        return [
            {"id": check.id, "name": check.name, "count": counts[check.id]}
            for check in checks.sorted(lambda check: -counts[check.id])[:REASONS]
        ]

    @api.model
    def _sql_count_reasons(self):
        """Rows (check, number of people).

        SQL: grouping people by their checks joins all people to all that is wrong with
        them in the order of the people, which takes several times as long.
        """
        self.env["contact.profile"].flush_model(["quality_check_ids"])
        field = self._fields["quality_check_ids"]
        return SQL(
            "SELECT %(check)s, count(*) FROM %(table)s"
            " WHERE %(profile)s IN (%(people)s) GROUP BY 1",
            check=SQL.identifier(field.column2),
            table=SQL.identifier(field.relation),
            profile=SQL.identifier(field.column1),
            people=self._search(self._overview_people_domain()).subselect(),
        )

    @api.model
    def _get_first_steps(self):
        """What a new user does first, and what of it is done.

        Override to add a step: call super and add a dict ``name``, ``text``, ``done``
        and ``action`` (id of an action, or False).

        :rtype: list
        """
        return [
            {
                "name": self.env._("Add people"),
                "text": self.env._(
                    "Everybody among your contacts and mailing contacts has a profile."
                ),
                "done": bool(self.search(self._overview_people_domain(), limit=1)),
                "action": self._step_action("contacts.action_contacts"),
            },
            self._prepare_step(
                "contact.persona",
                self.env._("Draw your personas"),
                self.env._(
                    "Which kinds of customers are there, and what do they want?"
                ),
            ),
            self._prepare_step(
                "contact.signal",
                self.env._("Switch signals on"),
                self.env._(
                    "They conclude from clicks, orders and visits what people want."
                ),
            ),
        ]

    @api.model
    def _prepare_step(self, model, name, text):
        """A step that is done as soon as there is such a record."""
        addon = "mass_mailing_contact_strategy"
        action = f"{addon}.{model.replace('.', '_')}_action"
        return {
            "name": name,
            "text": text,
            "done": bool(self.env[model].search([], limit=1)),
            "action": self._step_action(action),
        }

    @api.model
    def _step_action(self, xmlid):
        action = self.env.ref(xmlid, raise_if_not_found=False)
        return bool(action) and action.id
