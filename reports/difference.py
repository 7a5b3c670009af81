"""Is a difference between two groups more than chance? Plain arithmetic."""

import math

from odoo.addons.mass_mailing_contact_strategy.models.delivery.preflight import SURE

FEWEST, FEWEST_ANSWERS = 30, 5
"""With fewer people in a group, or fewer answers in both, nothing is said."""


def difference(one, ones, other, others):
    """How many more of 1,000 there are in the first group, with the error that 95 of
    100 such groups keep.

    To each group two are added, one who did it and one who did not: a group in which
    nobody did does not prove that nobody does.

    :param int one: of the first group, those who did it
    :param int ones: people in the first group
    :param int other: of the second group, those who did it
    :param int others: people in the second group
    :return: (lowest, highest); None: they are too few to say anything

    >>> difference(100, 1000, 50, 1000)
    (26.8, 73.0)
    >>> difference(100, 1000, 100, 1000)
    (-26.4, 26.4)
    >>> difference(3, 1000, 1, 1000)
    >>> difference(20, 29, 20, 1000)
    """
    if min(ones, others) < FEWEST or one + other < FEWEST_ANSWERS:
        return None
    shares = [(one + 1) / (ones + 2), (other + 1) / (others + 2)]
    variances = [
        share * (1 - share) / (size + 2)
        for share, size in zip(shares, (ones, others), strict=True)
    ]
    middle = 1000 * (shares[0] - shares[1])
    error = 1000 * SURE * math.sqrt(sum(variances))
    return round(middle - error, 1), round(middle + error, 1)
