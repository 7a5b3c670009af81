"""What a provider of text messages has, or may have, after a call that failed."""

import requests
from urllib3.exceptions import ProtocolError

LOST = (
    requests.exceptions.ReadTimeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.JSONDecodeError,
)


class WatchedApi:
    """Odoo's way to a provider, and what went wrong on it.

    Odoo takes every error for a failure. But a provider that took the messages and
    whose answer was lost has sent them.
    """

    def __init__(self, api):
        self._api = api
        self.may_have_arrived = False

    def __getattr__(self, name):
        return getattr(self._api, name)

    def _send_sms_batch(self, *args, **kwargs):
        """As the provider's; remembers an error that leaves everything open."""
        try:
            return self._api._send_sms_batch(*args, **kwargs)
        except Exception as error:
            self.may_have_arrived = may_have_arrived(error)
            raise


def may_have_arrived(error):
    """Was the request handed over before this happened, or may it have been?

    An answer that says no is an answer. No answer in time, a connection that broke, or
    an answer that nobody understands leave it open.

    :param BaseException error: with what led to it
    """
    while error:
        response = getattr(error, "response", None)
        if (
            isinstance(error, LOST)
            or (
                isinstance(error, requests.exceptions.ConnectionError)
                and any(isinstance(why, ProtocolError) for why in error.args)
            )
            or (response is not None and response.status_code >= 500)
        ):
            return True
        error = error.__cause__ or error.__context__
    return False
