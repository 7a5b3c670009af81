"""What the mailings of torture say, to whom, and when: by chance. And what comes of
letters and calls, which nobody delivers but users themselves.
"""

import base64
import os
from datetime import datetime, timedelta, timezone

PAPER = ("letter", "call")
CALLS = ("reached", "wants", "complains", "not_reached", "wrong_number")


class Writing:
    """Part of the actors; ``random`` and ``facts`` are theirs."""

    def _message(self, subject):
        """E-mails for the most part; text messages, letters and calls."""
        kinds = ("mail", "sms", *PAPER)
        kind = self.random.choices(kinds, (65, 21, 7, 7))[0]
        if kind != "sms":
            return {"mailing_type": kind, "body_html": self._body()}
        at_once = self.random.random() < 0.5
        return {
            "mailing_type": kind,
            "body_plaintext": f"{subject} hello",
            "sms_force_send": at_once,
        }

    def _turn(self):
        """Some go before others, and some are planned."""
        values = {"policy_priority": self.random.choice((0, 0, 0, 1, 2))}
        if self.random.random() < 0.3:
            moment = datetime.now(timezone.utc) + timedelta(
                seconds=self.random.randint(1, 60)
            )
            values["schedule_type"] = "scheduled"
            values["schedule_date"] = moment.strftime("%Y-%m-%d %H:%M:%S")
        return values

    def _audience(self, kind):
        models = self.facts["models"]
        if kind in PAPER or self.random.random() < 0.6:
            groups = self.random.sample([f"g{n}" for n in range(6)], 2)
            return {
                "mailing_model_id": models["res.partner"],
                "mailing_domain": repr([("ref", "in", groups)]),
            }
        lists = self.random.sample(self.facts["lists"], 1)
        return {
            "mailing_model_id": models["mailing.list"],
            "contact_list_ids": [[6, 0, lists]],
        }

    def _category(self):
        codes = ("newsletter", "promotion", "event", "service", "transactional")
        code = self.random.choices(codes, (8, 3, 2, 1, 1))[0]
        return self.facts["categories"][code]

    def _body(self):
        """Sometimes with a picture, which Odoo keeps in the filestore."""
        picture = ""
        if self.random.random() < 0.3:
            pixels = base64.b64encode(os.urandom(20000)).decode()
            picture = f'<img src="data:image/png;base64,{pixels}">'
        link = f"https://shop.torture.test/{self.random.randrange(10**6)}"
        return f'<p>Hello <a href="{link}">look</a> {picture}</p>'

    # What comes of letters and calls

    def settle_paper(self, share=0.5):
        """Letters are posted or not, as the printer says; people answer calls or not.

        :param float share: of what waits
        """
        self._settle_letters(share)
        self._settle_calls(share)

    def _waiting(self, kind):
        return self.api.call(
            "mailing.trace",
            "search_read",
            domain=[
                ("trace_type", "=", kind),
                ("trace_status", "in", ("outgoing", "process")),
                ("mass_mailing_id.state", "=", "done"),
            ],
            fields=["res_id", "print_run_id"],
            limit=200,
        )

    def _settle_letters(self, share):
        runs = {}
        for line in self._waiting("letter"):
            if line["print_run_id"]:
                runs.setdefault(line["print_run_id"][0], []).append(line["res_id"])
        for run, res_ids in runs.items():
            if self.random.random() < share / 2:
                self.api.call("contact.print.run", "action_all_posted", [run])
            elif self.random.random() < share:
                self._take_back(run, res_ids)

    def _take_back(self, run, res_ids):
        """The printer's final file: a few letters were not printed, or came back."""
        states = self.random.choices(
            ("posted", "returned", "failed"), (90, 5, 5), k=len(res_ids)
        )
        rows = [
            f"{run}-{res_id},{state}"
            for res_id, state in zip(res_ids, states, strict=True)
        ]
        text = "\n".join(["reference,status", *rows])
        file = base64.b64encode(text.encode()).decode()
        values = {"run_id": run, "file": file}
        wizard = self.api.call("contact.print.return", "create", vals_list=[values])
        self.api.call("contact.print.return", "action_take_back", wizard)

    def _settle_calls(self, share):
        lines = [line["id"] for line in self._waiting("call")]
        lines = [line for line in lines if self.random.random() < share]
        calls = self.api.call(
            "contact.touch",
            "search",
            domain=[("trace_id", "in", lines), ("state", "=", "reserved")],
        )
        for outcome in CALLS:
            some = [call for call in calls if self.random.choice(CALLS) == outcome]
            calls = [call for call in calls if call not in some]
            if some:
                self.api.call(
                    "contact.touch",
                    "action_call_outcome",
                    some,
                    context={"call_outcome": outcome},
                )
