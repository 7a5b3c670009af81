"""Years of mailings, as they were before the addon (fed to ``odoo shell``)."""

STATUSES = ("sent", "open", "reply", "bounce", "cancel", "error", "outgoing", "pending")


def main(env):
    """Two business units, some thousand traces, records that are gone meanwhile."""
    partners, contacts = _people(env)
    mailings = env["mailing.mailing"].create(
        [
            {
                "subject": f"Year {year}",
                "state": "done",
                "sent_date": f"20{year:02}-05-12 09:00:00",
                "mailing_model_id": env["ir.model"]._get_id(model),
            }
            for year in range(16, 24)
            for model in ("res.partner", "mailing.contact")
        ]
    )
    _send(env, mailings, partners, contacts)
    partners[::13].unlink()
    contacts[::11].unlink()
    mailings[3].unlink()
    env.cr.commit()


def _people(env):
    unit = env["res.company"].create({"name": "Second unit"})
    partners = env["res.partner"].create(
        [
            {
                "name": f"Reader {i}",
                "email": f"reader.{i % 900}@years.test",
                "company_id": unit.id if i % 7 == 0 else False,
                "active": i % 50 != 0,
            }
            for i in range(1000)
        ]
    )
    people = env["mailing.list"].create({"name": "Years"})
    contacts = env["mailing.contact"].create(
        [
            {"email": f"reader.{i}@years.test" if i % 2 else f"only.{i}@years.test"}
            for i in range(500)
        ]
        + [{"name": "Without an address"}, {"email": "no address at all"}]
    )
    contacts.list_ids = people
    return partners, contacts


def _send(env, mailings, partners, contacts):
    for number, mailing in enumerate(mailings):
        records = partners if mailing.mailing_model_real == "res.partner" else contacts
        env["mailing.trace"].create(
            [
                {
                    "mass_mailing_id": mailing.id,
                    "model": records._name,
                    "res_id": record.id,
                    "email": record.email_normalized,
                    "trace_status": STATUSES[(number + i) % len(STATUSES)],
                    "sent_datetime": mailing.sent_date,
                }
                for i, record in enumerate(records)
            ]
        )


main(env)  # noqa: F821  (given by the shell)
