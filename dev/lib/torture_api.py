"""Odoo's external API, for the actors of torture."""

import contextlib
import json
import random
import urllib.error
import urllib.request

TIMEOUT = 40  # seconds an actor waits for an answer


class Refused(Exception):
    """Odoo answered with an error."""


class Api:
    """Odoo's external API, at whichever server is asked."""

    def __init__(self, urls, key, seed=None):
        self.urls, self.key = urls, key
        self.random = random.Random(seed)

    def call(self, model, method, ids=(), timeout=TIMEOUT, **arguments):
        """Call a method; see ``POST /json/2``."""
        body = {**arguments, "ids": list(ids)} if ids else arguments
        request = urllib.request.Request(
            f"{self.random.choice(self.urls)}/json/2/{model}/{method}",
            data=json.dumps(body).encode(),
            headers={
                "Authorization": f"bearer {self.key}",
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Refused(_said(error)) from error

    def open(self, link):
        """Open a page or a picture, as a mail's reader does."""
        path = link.split("/", 3)[3]
        url = f"{self.random.choice(self.urls)}/{path}"
        urllib.request.build_opener(NoRedirect).open(url, timeout=TIMEOUT).close()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Links lead to the outside: nobody follows them."""

    def redirect_request(self, *_arguments):
        """Stay."""


def _said(error):
    with contextlib.suppress(ValueError, OSError):
        answer = json.load(error)
        return f"{answer.get('name')}: {answer.get('message')}"
    return f"HTTP {error.code}"
