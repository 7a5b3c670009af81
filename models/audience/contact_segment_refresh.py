import logging

import psycopg2
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models, modules
from odoo.exceptions import ConcurrencyError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from odoo.addons.mass_mailing_contact_strategy.models.sql_arrays import int_array

_logger = logging.getLogger(__name__)

PAUSE = relativedelta(minutes=30)
"""A segment that was refreshed so recently is left alone by the cron."""
NIGHT = relativedelta(hours=12)
DEFINITION = {
    *("condition_ids", "company_id", "active", "kind", "max_members"),
    *("rank_by", "rank_path", "rank_condition_id", "rank_order"),
    *("waterfall_id", "waterfall_sequence"),
}
"""What says who is in a segment."""
CRON = "mass_mailing_contact_strategy.ir_cron_segment_refresh"
AT_ONCE = (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, ConcurrencyError)
"""Two did something at once: nothing is wrong, and it is to be done again."""
OVERTAKEN = (
    *AT_ONCE,
    psycopg2.errors.ForeignKeyViolation,  # who was merged into somebody else
    psycopg2.errors.UniqueViolation,  # who has got the other one's membership
)
"""The same, while members are written."""


class ContactSegment(models.Model):
    """Members are kept: when they are looked at again, and in which order.

    Each segment is one transaction, so that nobody ever sees half of a change.
    """

    _inherit = "contact.segment"

    full_date = fields.Datetime(
        readonly=True, copy=False, help="When all people were looked at."
    )

    @api.model_create_multi
    def create(self, vals_list):
        """A segment that keeps its members has them at once."""
        segments = super().create(vals_list)
        segments._forget_full()
        segments._settle_members(is_new_kind=True)
        return segments

    def write(self, vals):
        """Whoever changes who is in a segment sees it at once; what is frozen stays."""
        if DEFINITION.isdisjoint(vals):
            return super().write(vals)
        # also those that stand behind it in the waterfall that it leaves
        before = self.sudo()._with_dependent()
        before._write_not_full()  # locked before anything else, in one order
        res = super().write(vals)
        (self.sudo() | before)._forget_full()
        self._settle_members("kind" in vals)
        return res

    def unlink(self):
        """Whom it took falls to those behind it."""
        dependent = self.sudo()._with_dependent() - self
        res = super().unlink()
        dependent._forget_full()
        return res

    def _settle_members(self, is_new_kind):
        if is_new_kind:
            now = fields.Datetime.now()
            frozen = self.filtered(lambda s: s.kind == "frozen" and not s.frozen_date)
            frozen._refresh(now, full=True)
            frozen.sudo().frozen_date = now
            self.filtered(lambda s: s.kind != "frozen" and s.frozen_date).sudo().write(
                {"frozen_date": False}
            )
        self.filtered(lambda s: s.kind == "refreshed" and s.active)._refresh()

    def _forget_full(self):
        """Who is in these segments is said anew: everybody must be looked at.

        Also in the segments that depend on them.
        """
        # sudo: of other business units, too
        dependent = self.sudo()._with_dependent()
        dependent._write_not_full()
        if dependent.filtered(lambda segment: segment.kind == "refreshed"):
            self._refresh_soon()

    def _write_not_full(self):
        """SQL: also where nothing is known to be full, which the ORM would not write.

        Somebody may be looking at everybody just now, by what was said before: of the
        two transactions one must fail, and be done again. In order, as others edit,
        too.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE contact_segment SET full_date = NULL WHERE id IN ("
                " SELECT id FROM contact_segment WHERE id = ANY(%s)"
                " ORDER BY id FOR NO KEY UPDATE)",
                int_array(self.ids),
            )
        )
        self.invalidate_recordset(["full_date"], flush=False)

    @api.model
    def _refresh_soon(self):
        cron = self.env.ref(CRON, raise_if_not_found=False)
        if cron:
            # sudo: whoever edits need not be allowed to start crons
            cron.sudo()._trigger()

    # ------------------------------------------------------------
    # By hand
    # ------------------------------------------------------------

    def action_refresh(self):
        """Look at everybody again, now."""
        self.check_access("write")
        self.filtered(lambda segment: segment.kind == "refreshed")._refresh(full=True)
        for segment in self:
            if segment.error:
                raise UserError(segment.error)
        return True

    def action_freeze(self):
        """Keep who is in now, from now on. A frozen segment is taken anew."""
        self.check_access("write")
        now = fields.Datetime.now()
        self._refresh(now, full=True)
        for segment in self:
            if segment.error:
                raise UserError(segment.error)
        # sudo: when it was frozen is readonly for users
        self.sudo().write({"kind": "frozen", "frozen_date": now})
        return True

    # ------------------------------------------------------------
    # By cron
    # ------------------------------------------------------------

    @api.model
    def _cron_refresh(self):
        """Those of whom something happened since the last time."""
        recently = fields.Datetime.now() - PAUSE
        segments = self._due("|", ("full_date", "=", False), *_before(recently))
        segments._refresh(commit=True)

    @api.model
    def _cron_refresh_all(self):
        """Everybody: what was deleted, or changed beside the records, is noticed."""
        long_ago = fields.Datetime.now() - NIGHT
        segments = self._due(
            "|", ("full_date", "=", False), ("full_date", "<=", long_ago)
        )
        segments._refresh(full=True, commit=True)

    @api.model
    def _due(self, *domain):
        return self.search([("kind", "=", "refreshed"), ("active", "=", True), *domain])

    # ------------------------------------------------------------
    # Some segments
    # ------------------------------------------------------------

    def _refresh(self, at=None, full=False, commit=False):
        """Bring the members of these segments up to date, whatever their kind.

        :param datetime at: naive UTC; default: now
        :param bool full: look at all people, not only at whom something happened to
        :param bool commit: after each segment, as a cron does; what is left when the
            time is over is done by the next run
        """
        commit = commit and not modules.module.current_test
        # Elevated: members are those of all business units that the segment is about.
        segments = self.sudo()._in_order_of_need()
        missed = 0
        for number, segment in enumerate(segments, 1):
            moment = at or fields.Datetime.now()
            if not commit:
                segment._refresh_one(moment, full)
                continue
            done = segment._refresh_alone(moment, full)
            missed += not done
            left = len(segments) - number + missed
            if not self.env["ir.cron"]._commit_progress(int(done), remaining=left):
                return

    def _refresh_alone(self, at, full):
        """One segment in a transaction of its own.

        :return: False where something else was done at once: it is left to the next run
        """
        try:
            self._refresh_one(at, full)
        except AT_ONCE as error:
            _logger.info("The segment %s waits: %s", self.id, error)
            self.env.cr.rollback()
            return False
        return True

    def _refresh_one(self, at, full):
        """One segment. Where it fails, its members stay as they are, and its form says
        why; the other segments go on.

        :raise ConcurrencyError: people or the segment were changed at once
        """
        try:
            with self.env.cr.savepoint():
                if not self.try_lock_for_update(allow_referencing=True):
                    return  # somebody else is at it
                changes = self._take_members(at, full)
        except OVERTAKEN as error:
            raise ConcurrencyError(str(error)) from error
        except Exception as error:  # noqa: BLE001, the others must go on
            self.error = str(error).strip() or type(error).__name__
            _logger.info("The segment %s is not refreshed: %s", self.id, self.error)
            return
        self._run_after(changes)

    def _in_order_of_need(self):
        """These segments, each after those it asks for."""
        ordered, seen = [], set()

        def visit(segment):
            if segment.id in seen:
                return
            seen.add(segment.id)
            for needed in segment._needs():
                visit(needed)
            ordered.append(segment.id)

        for segment in self.sorted("id"):
            visit(segment)
        own = set(self.ids)
        return self.browse(id_ for id_ in ordered if id_ in own)

    def _needs(self):
        """The segments that this one asks for."""
        lines = self.condition_ids.with_context(active_test=False)
        return self._earlier() | lines.other_segment_ids.with_env(self.env)

    def _with_dependent(self):
        """These segments, and all that ask for them, however far."""
        found = newest = self
        while newest:
            lines = self.env["contact.segment.condition"].search(
                [("other_segment_ids", "in", newest.ids)]
            )
            later = self.search([("waterfall_id", "in", newest.waterfall_id.ids)])
            newest = (lines.segment_id | later) - found
            found |= newest
        return found


class ContactSegmentCondition(models.Model):
    """Who edits a line alone, changes its segment."""

    _inherit = "contact.segment.condition"

    @api.model_create_multi
    def create(self, vals_list):
        """See ``contact.segment._forget_full``."""
        lines = super().create(vals_list)
        lines.segment_id._forget_full()
        return lines

    def write(self, vals):
        """See ``contact.segment._forget_full``. The segment is locked first, as it is
        by whoever saves its form with the line."""
        before = self.segment_id
        before._forget_full()
        res = super().write(vals)
        (self.segment_id - before)._forget_full()
        return res

    def unlink(self):
        """As ``write``."""
        self.segment_id._forget_full()
        return super().unlink()


def _before(moment):
    return "|", ("refreshed_date", "=", False), ("refreshed_date", "<=", moment)
