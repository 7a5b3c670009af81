from contextlib import contextmanager

from .common import CommittedCase


class CommittedSendCase(CommittedCase):
    """People under a cap of one, and mailings to them, for real.

    Ids are kept, as records belong to the connection they were made on.
    """

    @contextmanager
    def _committed_people(self, count, prefix):
        """The maker, and people to make mailings to: see ``_keep``."""
        with self._transaction() as env:
            maker = self._make_with(env)
            self.archived_ids = env["contact.policy"].search([]).ids
            maker._prepare_strategy()
            self.policy_id = maker._create_policy(maker._cap(1)).id
            partners = maker._create_partners(count, prefix=prefix)
            self.partner_ids = partners.ids
            self.profile_ids = partners.profile_id.ids
            yield maker, partners
        self.addCleanup(self._remove)

    def _keep(self, *mailings):
        self.mailing_ids = [mailing.id for mailing in mailings]

    def _remove(self):
        with self._transaction() as env:
            mailings = env["mailing.mailing"].browse(self.mailing_ids)
            env["mail.mail"].search([("mailing_id", "in", mailings.ids)]).unlink()
            mailings.unlink()
            env["contact.policy"].browse(self.policy_id).unlink()
            env["contact.policy"].browse(self.archived_ids).action_unarchive()
            partners = env["res.partner"].browse(self.partner_ids)
            profiles = env["contact.profile"].browse(self.profile_ids).exists()
            profiles |= partners.profile_id
            profiles.touch_ids.unlink()
            partners.unlink()
            profiles.exists().unlink()
