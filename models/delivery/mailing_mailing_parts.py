from datetime import timedelta

from odoo import api, fields, models, modules
from odoo.fields import Domain
from odoo.tools import SQL

from .contact_gate import SENDING_LOCK

PARALLEL_FROM = 10_000
"""Smaller mailings are sent in one piece."""
PART_SIZE = 5000
PART = "contact_strategy_part"
"""Context key: (mailing, number) of the part that is being sent. With the mailing, as
deciding about it may ask whom others will reach: as a whole."""
WATCH = timedelta(minutes=15)
"""How often the queue looks whether the parts of a mailing are done."""
GIVE_UP = timedelta(hours=1)
"""Parts that no job runner took up within this time are sent by the queue itself."""
UNFINISHED = ("wait_dependencies", "pending", "enqueued", "started")
PART_BITS = 20
"""More parts than 2 to the power of this would share locks."""
PARAMETER = "mass_mailing_contact_strategy.parallel_from"


class MailingMailing(models.Model):
    """Large mailings in parallel, where OCA's ``queue_job`` is installed.

    A mailing is divided by address, once for all its runs: records that share an inbox
    are in the same part, so that Odoo sees their earlier message. Each part is a job
    that passes the gate by itself; decisions have one order as always, and a person
    with records in two parts is recognised by the reservation of the first. One job at
    a time sends a part (see ``contact.gate._sending``), and it looks who is left when
    its turn has come. So a job that was killed, requeued or run twice sends nothing
    twice, and who is left when no job is open any more is taken up by the queue's cron.

    ``queue_job`` is never required: without it nothing here happens.
    """

    _inherit = "mailing.mailing"

    part_count = fields.Integer(copy=False, readonly=True)

    def _action_send_mail(self, res_ids=None):
        """Leave large mailings to jobs."""
        if res_ids is not None or "queue.job" not in self.env:
            return super()._action_send_mail(res_ids)
        alone = self.filtered(lambda mailing: not mailing._send_in_parts())
        return not alone or super(MailingMailing, alone)._action_send_mail()

    def write(self, vals):
        """A part that is done does not end the mailing: the queue does, after the
        last one."""
        if self._part() is not None and vals.get("state") == "done":
            ending = ("state", "sent_date", "kpi_mail_required")
            vals = {name: value for name, value in vals.items() if name not in ending}
            if not vals:
                return True  # not even the date of the last change: others write, too
        elif vals.get("state") == "draft":
            vals = {**vals, "part_count": 0}
        return super().write(vals)

    def _part(self):
        """Number of the part of this mailing that the environment sends, or None."""
        mailing_id, part = self.env.context.get(PART, (None, None))
        return part if self.ids == [mailing_id] else None

    # ------------------------------------------------------------
    # Dividing
    # ------------------------------------------------------------

    def _send_in_parts(self):
        """Have the mailing sent by jobs, if it is large.

        :return: whether jobs do it
        """
        self.ensure_one()
        if not self._can_be_divided():
            return False
        if self._open_parts():
            if not self._is_given_up():
                self._watch_parts()
                return True
            self._open_parts().button_cancelled()
        count = len(self._get_remaining_recipients())
        least = self._parallel_from()
        if not least or count < least:
            return False
        if not self.part_count:
            self.part_count = max(2, -(-count // PART_SIZE))
        self.state = "sending"
        for part in range(self.part_count):
            self.with_delay(
                description=self.env._(
                    "%(mailing)s, part %(part)s of %(count)s",
                    mailing=self.display_name,
                    part=part + 1,
                    count=self.part_count,
                ),
                identity_key=self._part_key(part),
            )._send_part(part)
        self._watch_parts()
        self.env["contact.gate"]._commit()
        return True

    def _can_be_divided(self):
        """A sample is drawn as a whole, and some records have no address to go by;
        text messages do not go to it."""
        if self.mailing_type != "mail":
            return False
        is_sample = self.ab_testing_enabled and not self.ab_testing_is_winner_mailing
        field = self.env[self.mailing_model_real]._fields.get("email_normalized")
        return not is_sample and bool(field and field.store)

    @api.model
    def _parallel_from(self):
        """How many recipients make a mailing large; 0: none is."""
        text = self.env["ir.config_parameter"].sudo().get_param(PARAMETER)
        return int(text) if text and text.isdecimal() else PARALLEL_FROM

    def _part_key(self, part):
        return f"contact_strategy:{self.id}:{part}"

    def _open_parts(self):
        """The jobs of this mailing that are not done.

        Elevated: whoever sends a mailing need not be allowed to see jobs.
        """
        return (
            self.env["queue.job"]
            .sudo()
            .search(
                Domain("state", "in", UNFINISHED)
                & Domain("identity_key", "=like", f"contact\\_strategy:{self.id}:%")
            )
        )

    def _is_given_up(self):
        """No job runner works on them: it is not running, or not for this database."""
        jobs = self._open_parts()
        latest = max(
            moment
            for job in jobs
            for moment in (job.date_created, job.date_started, job.date_enqueued)
            if moment
        )
        return (
            latest + GIVE_UP < fields.Datetime.now()
            and "started" not in jobs.mapped("state")
        )

    def _watch_parts(self):
        """The queue looks after the parts, also if the last job was killed."""
        cron = self.env.ref("mass_mailing.ir_cron_mass_mailing_queue")
        cron._trigger(fields.Datetime.now() + WATCH)

    # ------------------------------------------------------------
    # One part
    # ------------------------------------------------------------

    def _send_part(self, part):
        """Job: send one part of the mailing.

        On a cursor of its own, as a job's own cursor must not be committed: that would
        give back the lock by which the job runner knows that the job is alive.

        :param int part: from 0 to ``part_count`` - 1
        """
        self.ensure_one()
        if modules.module.current_test:
            self._send_part_here(part)
            return
        with self.env.registry.cursor() as cr:
            self.with_env(self.env(cr=cr))._send_part_here(part)

    def _send_part_here(self, part):
        mailing = self.with_context(**{PART: (self.id, part)})
        if mailing.state != "sending" or part >= mailing.part_count:
            return  # called off meanwhile
        res_ids = mailing._get_remaining_recipients()
        if res_ids:
            mailing._action_send_mail(res_ids)
        if not mailing._has_parts_ahead():
            # The last ones: the queue ends the mailing, or waits for the deferred.
            self.env.ref("mass_mailing.ir_cron_mass_mailing_queue")._trigger()

    def _has_parts_ahead(self):
        states = set()
        if "queue.job" in self.env:
            states = set(self._open_parts().mapped("state"))
        return bool(states & {"wait_dependencies", "pending", "enqueued"})

    def _get_recipients_domain(self):
        """Of a part: those whose address belongs to it."""
        domain = super()._get_recipients_domain()
        if self._part() is None:
            return domain
        return domain & Domain.custom(to_sql=self._part_sql)

    def _part_sql(self, model, alias, query):
        """SQL, because a hash of the address is no condition the ORM knows."""
        return SQL(
            "mod(hashtext(COALESCE(%s, '')) & 2147483647, %s) = %s",
            model._field_to_sql(alias, "email_normalized", query),
            self.part_count,
            self._part(),
        )

    def _sending_locks(self):
        """Statements that take the right to send: the mailing as a whole, or one of
        its parts, beside other parts and not beside a run of the whole.

        They belong to a connection that takes no other lock for its session.
        """
        part = self._part()
        if part is None:
            return [SQL("SELECT pg_advisory_lock(%s, %s)", SENDING_LOCK, self.id)]
        # A key of 64 bits, negative, so that it is nobody else's.
        key = -(self.id << PART_BITS) - part - 1
        return [
            SQL("SELECT pg_advisory_lock_shared(%s, %s)", SENDING_LOCK, self.id),
            SQL("SELECT pg_advisory_lock(%s::bigint)", key),
        ]

    def _still_to_send(self, res_ids):
        """Those of the recipients who are left now that it is our turn: somebody else
        may have sent the same mailing, or part, while this one waited.

        Without any strategy Odoo's own way is kept, which cancels them. SQL, as a
        million traces are read for nothing but their record.

        :param list res_ids: recipients
        """
        if self._part() is None and not self._is_governed():
            return res_ids
        # What was seen before the lock was had is the past.
        self.env["contact.gate"]._commit()
        self.env["mailing.trace"].flush_model(["mass_mailing_id", "model", "res_id"])
        rows = self.env.execute_query(
            SQL(
                "SELECT res_id FROM mailing_trace WHERE mass_mailing_id = %s"
                " AND model = %s",
                self.id,
                self.mailing_model_real,
            )
        )
        reached = {res_id for (res_id,) in rows}
        return [res_id for res_id in res_ids if res_id not in reached]
