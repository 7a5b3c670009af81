import logging

from odoo import api, fields, models, modules
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL, split_every

from odoo.addons.mass_mailing_contact_strategy.models.storable import check_storable

_logger = logging.getLogger(__name__)

MANY = 1000
"""So many subscriptions are made at once."""
OWN_FIELDS = {"segment_id", "segment_sync"}


class MailingList(models.Model):
    """A list that follows a segment.

    Its people subscribe by themselves when they enter the segment. Three things stand
    above the segment: whoever unsubscribed stays so; whoever somebody took off the list
    by hand is not put on it again while in the segment; and a segment that cannot be
    asked changes nothing.
    """

    _inherit = "mailing.list"

    segment_id = fields.Many2one(
        "contact.segment",
        string="Follows",
        ondelete="restrict",
        index="btree_not_null",
        help="The people of this segment are on the list.",
    )
    segment_sync = fields.Selection(
        [
            ("add", "Only add people who enter it"),
            ("full", "Exactly its people: others are taken off"),
        ],
        string="How",
        default="add",
        required=True,
    )
    segment_date = fields.Datetime(string="Last Followed", readonly=True, copy=False)
    segment_error = fields.Text(readonly=True, copy=False)
    segment_profile_ids = fields.Many2many(
        "contact.profile",
        relation="mailing_list_segment_profile_rel",
        context={"active_test": False},
        string="Came from the Segment",
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="Who of them is on the list no more was taken off by hand.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """What the addon adds is refused in words where it cannot be kept."""
        for vals in vals_list:
            check_storable(self, vals, OWN_FIELDS)
        return super().create(vals_list)

    def write(self, vals):
        """Another segment: nobody has been taken off by hand yet."""
        check_storable(self, vals, OWN_FIELDS)
        if "segment_id" not in vals:
            return super().write(vals)
        changed = self.filtered(lambda each: each.segment_id.id != vals["segment_id"])
        res = super().write(vals)
        # Elevated: the memory is nobody's to see.
        changed.sudo().write(
            {
                "segment_profile_ids": [Command.clear()],
                "segment_date": False,
                "segment_error": False,
            }
        )
        return res

    @api.constrains("segment_id")
    def _check_segment_alone(self):
        """One master for each list: OCA's dynamic lists follow a domain."""
        if "dynamic" not in self._fields:
            return
        for mailing_list in self:
            if mailing_list.segment_id and mailing_list.dynamic:
                raise ValidationError(
                    self.env._(
                        "The list “%s” is dynamic already: it cannot follow a "
                        "segment, too.",
                        mailing_list.name,
                    )
                )

    # ------------------------------------------------------------
    # When
    # ------------------------------------------------------------

    @api.model
    def _cron_follow_segments(self):
        """Bring all lists up to date; one that fails does not stop the others."""
        lists = self.search([("segment_id", "!=", False)])
        for number, mailing_list in enumerate(lists, 1):
            mailing_list._follow_segments()
            if not modules.module.current_test:
                left = len(lists) - number
                if not self.env["ir.cron"]._commit_progress(1, remaining=left):
                    return

    def action_follow_segment(self):
        """Bring the list up to date now.

        :raise UserError: its segment cannot be asked
        """
        self.check_access("write")
        self._follow_segments()
        for mailing_list in self:
            if mailing_list.segment_error:
                raise UserError(mailing_list.segment_error)
        return True

    def _follow_segments(self):
        """Bring these lists up to date, each by itself; a list that cannot says so."""
        # Elevated: who is on a list does not depend on who looks after it.
        for mailing_list in self.sudo().filtered("segment_id"):
            error = mailing_list._try_to_follow()
            if mailing_list.segment_error != error:
                mailing_list.segment_error = error

    def _try_to_follow(self):
        """Why the list cannot follow its segment, or False."""
        try:
            with self.env.cr.savepoint():
                self._follow_segment()
        except Exception as error:  # noqa: BLE001, the others must go on
            _logger.warning(
                "The mailing list %s does not follow its segment: %s", self.id, error
            )
            return str(error) or type(error).__name__
        return False

    # ------------------------------------------------------------
    # How
    # ------------------------------------------------------------

    def _follow_segment(self):
        """Subscribe who came, and take off who left if the list is exactly the segment.

        :raise SegmentProblem: the segment cannot be asked
        """
        self.ensure_one()
        people = self.segment_id._get_people_domain()
        Profile = self.env["contact.profile"].with_context(active_test=True)
        inside = Profile._search(people & Domain("email_normalized", "!=", False))
        self.env.flush_all()
        if self.segment_sync == "full":
            self._take_off(inside.select())
        new = self.env.execute_query(self._sql_new(inside.select()))
        for rows in split_every(MANY, new):
            self._subscribe(rows)
        self.segment_date = fields.Datetime.now()
        self.invalidate_recordset()

    def _sql_new(self, inside):
        """Rows (profile, its oldest mailing contact or None) of who is to subscribe.

        SQL, as it is asked about all people of the segment at once. Left out are people
        who are on the list, who unsubscribed, and who were taken off by hand.

        :param SQL inside: SELECT of the people of the segment
        """
        return SQL(
            """
            SELECT profile.id, min(contact.id)
              FROM contact_profile profile
         LEFT JOIN mailing_contact contact ON contact.profile_id = profile.id
             WHERE profile.id IN (%(inside)s)
               AND NOT EXISTS (
                   SELECT FROM mailing_subscription subscription
                     JOIN mailing_contact own
                       ON own.id = subscription.contact_id
                    WHERE subscription.list_id = %(list)s
                      AND own.profile_id = profile.id)
               AND NOT EXISTS (
                   SELECT FROM mailing_list_segment_profile_rel known
                    WHERE known.mailing_list_id = %(list)s
                      AND known.contact_profile_id = profile.id)
             GROUP BY profile.id
             ORDER BY profile.id
            """,
            inside=inside,
            list=self.id,
        )

    def _subscribe(self, rows):
        """:param rows: (profile, mailing contact or None)"""
        # For OCA's dynamic lists, which refuse edits of contacts by hand.
        self = self.with_context(syncing=True)
        self.env["mailing.subscription"].create(
            [
                {"list_id": self.id, "contact_id": contact_id}
                for _profile_id, contact_id in rows
                if contact_id
            ]
        )
        new = [profile_id for profile_id, contact_id in rows if not contact_id]
        self.env["mailing.contact"].create(
            [
                {
                    "name": profile.name,
                    "email": profile.email_normalized,
                    "subscription_ids": [Command.create({"list_id": self.id})],
                }
                for profile in self.env["contact.profile"].browse(new)
            ]
        )
        self.write(
            {
                "segment_profile_ids": [
                    Command.link(profile_id) for profile_id, _contact_id in rows
                ]
            }
        )

    def _take_off(self, inside):
        """Take off who is not in the segment; they may come back with it.

        An unsubscription stays: it is what the person said. SQL to find them, as it is
        asked about the whole list at once.

        :param SQL inside: SELECT of the people of the segment
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT subscription.id
                  FROM mailing_subscription subscription
                  JOIN mailing_contact contact ON contact.id = subscription.contact_id
                 WHERE subscription.list_id = %(list)s
                   AND subscription.opt_out IS NOT TRUE
                   AND (contact.profile_id IS NULL
                        OR contact.profile_id NOT IN (%(inside)s))
                """,
                list=self.id,
                inside=inside,
            )
        )
        Subscription = self.env["mailing.subscription"].with_context(syncing=True)
        Subscription.browse(row[0] for row in rows).unlink()
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM mailing_list_segment_profile_rel
                 WHERE mailing_list_id = %s AND contact_profile_id NOT IN (%s)
                """,
                self.id,
                inside,
            )
        )
        self.invalidate_recordset(["segment_profile_ids"], flush=False)
