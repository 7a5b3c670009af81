from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.audience.segment_crowd import (
    Crowd,
    TooMany,
    number,
    patient,
)

HELD, HARM = timedelta(days=30), timedelta(days=90)
PATIENCE = "10s"
"""The list is there; so long its numbers may take."""


class ContactPolicy(models.Model):
    """What a policy does: whom it is for today, whom it held back, what came of it.

    A list has places for these numbers and asks for them when it is there: all people
    and the touches of 90 days are read for them.
    """

    _inherit = "contact.policy"

    covered_later = fields.Boolean(
        compute="_compute_later",
        string="People Today",
        help="People who fall under it today: no policy above it fits them. Of a "
        "guard: people it fits. Of those that you may see.",
    )
    held_later = fields.Boolean(
        compute="_compute_later",
        string="Held, 30 Days",
        help="People whom it kept out of a mailing in the last 30 days, or made wait.",
    )
    opted_out_later = fields.Boolean(
        compute="_compute_later",
        string="Opt-Outs/1,000",
        help="Of 1,000 touches of its people in the last 90 days. See Dose and Harm.",
    )
    complained_later = fields.Boolean(
        compute="_compute_later",
        string="Complaints/1,000",
        help="Of 1,000 touches of its people in the last 90 days. See Dose and Harm.",
    )

    def _compute_later(self):
        """The place for a number: see ``get_numbers``."""
        self.covered_later = self.held_later = False
        self.opted_out_later = self.complained_later = False

    def get_numbers(self):
        """What these policies do, as far as the caller may see it.

        :return: {id: dict ``covered`` (people who fall under it today), ``held``
            (people it held back in 30 days), ``opted_out`` and ``complained`` (of 1,000
            touches of its people in 90 days)}; None of what cannot be told
        :rtype: dict
        :raise AccessError: the caller may not read policies
        """
        self.check_access("read")
        covered, held, harm = self._count_covered(), self._count_held(), self._rate()
        return {
            str(policy.id): {
                "covered": covered.get(policy),
                "held": held.get(policy, 0),
                **dict(
                    zip(
                        ("opted_out", "complained"),
                        harm.get(policy, (None, None)),
                        strict=True,
                    )
                ),
            }
            for policy in self
        }

    # ------------------------------------------------------------
    # Whom it is for
    # ------------------------------------------------------------

    def _count_covered(self):
        """{policy: people}, all in one reading of them. What is off is for nobody."""
        off = self.filtered(lambda policy: not policy.active)
        crowd = Crowd(self.env)
        columns = self._ask_covered(crowd)
        row = ()
        if columns:
            try:
                row = crowd.answer(*map(number, columns.values()), patience=PATIENCE)
            except TooMany:
                columns = {}
        return {**dict.fromkeys(off, 0), **dict(zip(columns, row, strict=True))}

    def _ask_covered(self, crowd):
        """{policy: the column that says who falls under it}, as far as it can be asked.

        Of a unit's policy: for the messages of that unit.
        """
        asked, covered = {}, {}
        for policy in self.filtered("active"):
            if policy.is_guard:
                covered[policy] = policy._ask_fits(crowd, asked)
                continue
            # Elevated: what stands above a policy may be hidden from its reader.
            above = self.sudo().with_context(active_test=True)
            above = above.search(policy._sharing_people())
            if policy.id not in above.ids:
                continue  # there is no such policy
            above = above[: above.ids.index(policy.id) + 1]
            fits = [each._ask_fits(crowd, asked) for each in above]
            if None in fits:  # nobody knows whom that one takes
                continue
            *taken, own = fits
            taken = SQL(" OR ").join([*taken, SQL("FALSE")])
            covered[policy] = SQL("(%s AND NOT (%s))", own, taken)
        return {policy: column for policy, column in covered.items() if column}

    def _sharing_people(self):
        """The policies among which people fall under the first that fits."""
        unit = self.company_id or self.env.company
        return Domain("is_guard", "=", False) & Domain(
            "company_id", "in", (False, *unit.sudo().parent_ids.ids)
        )

    def _ask_fits(self, crowd, asked):
        """The column that says whom it fits; None where it cannot be understood.

        :param dict asked: {policy id: what was asked before}
        """
        if self.id not in asked:
            try:
                with self._reading():
                    # Elevated, as the engine asks: whom it fits is not the reader's.
                    asked[self.id] = crowd.ask(self.sudo()._get_domain())
            except ValidationError:
                asked[self.id] = None
        return asked[self.id]

    # ------------------------------------------------------------
    # What it did
    # ------------------------------------------------------------

    def _count_held(self):
        """{policy: people held back or made wait}, also those who got it later."""
        groups = self.env["contact.hold"]._read_group(
            Domain("policy_id", "in", self.ids)
            & Domain("date", ">=", fields.Datetime.now() - HELD)
            & Domain("state", "!=", "overridden"),
            ["policy_id"],
            ["profile_id:count_distinct"],
        )
        return dict(groups)

    def _rate(self):
        """{policy: (opt-outs, complaints) of 1,000 touches}; nothing was sent: none."""
        rates = ["touch_count:sum", "opted_out_rate:avg", "complained_rate:avg"]
        Dose = self.env["contact.dose"]
        recent = Domain("date", ">=", fields.Datetime.now() - HARM)
        try:
            with patient(self.env, PATIENCE):
                groups = Dose._read_group(recent, ["policy_id"], rates)
                groups += [
                    (guard, *Dose._read_group(recent & guard._touched(), [], rates)[0])
                    for guard in self.filtered("is_guard")
                ]
        except TooMany:
            return {}
        return {policy: tuple(harm) for policy, count, *harm in groups if count}

    def _touched(self):
        """The touches that a guard is asked about."""
        try:
            with self._reading():
                # Elevated and with archived people, as the engine asks.
                everybody = self.env["contact.profile"].sudo()
                fits = everybody.with_context(active_test=False)._search(
                    self.sudo()._get_domain()
                )
        except ValidationError:
            return Domain.FALSE
        touched = Domain("profile_id", "in", fits)
        if self.company_id:
            touched &= Domain("company_id", "=", self.company_id.id)
        return touched
