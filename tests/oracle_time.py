"""What rules mean by time, as plainly as it can be said in Python: see ``oracle``."""

from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

SECOND = timedelta(seconds=1)
ELAPSED = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}


def local(moment, tz):
    return moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(tz))


def period(moment, unit, person):
    """The running number of the hour, day, week or month, on the person's wall."""
    there = local(moment, person.tz)
    if unit == "hour":  # of whole hours from Greenwich only
        return (moment - datetime(2000, 1, 1)) // timedelta(hours=1)
    if unit == "day":
        return there.toordinal()
    if unit == "week":
        return (there.toordinal() - person.week_start) // 7
    return there.year * 12 + there.month


def in_window(touched, now, rule, person):
    """Does one window of the rule hold both moments?"""
    early, late = sorted((touched, now))
    if rule.kind == "calendar":
        apart = period(late, rule.unit, person) - period(early, rule.unit, person)
        return apart < rule.value
    if rule.unit == "month":
        return early > late - relativedelta(months=rule.value)
    return late - early < rule.value * ELAPSED[rule.unit]


def is_quiet(quiet, moment, tz):
    """Looked up on the person's wall."""
    wall = local(moment, tz)
    if any(first <= wall.date() <= last for first, last in quiet.dates):
        return True
    minute = wall.hour * 60 + wall.minute
    today = wall.isoweekday() in quiet.weekdays
    if quiet.start == quiet.end:
        return today
    if quiet.start < quiet.end:
        return today and quiet.start <= minute < quiet.end
    before = (wall.replace(tzinfo=None) - timedelta(days=1)).isoweekday()
    return (today and minute >= quiet.start) or (
        before in quiet.weekdays and minute < quiet.end
    )


def day_begins(day, tz):
    """First moment (naive UTC) of a local day, found by looking at the clock."""
    moment = datetime.combine(day, time()) - timedelta(hours=26)
    while local(moment, tz).date() < day:
        moment += timedelta(minutes=15)
    while local(moment - timedelta(minutes=1), tz).date() >= day:
        moment -= timedelta(minutes=1)
    return moment


def moments_of_change(rule, person, touched):
    """Moments at which a touch may leave the rule's window, and some more."""
    if rule.kind == "rolling":
        if rule.unit != "month":
            return [touched + rule.value * ELAPSED[rule.unit]]
        near = touched + relativedelta(months=rule.value)
        days = [near.date() + timedelta(days=shift) for shift in range(5)]
        return [datetime.combine(day, touched.time()) for day in days] + [
            datetime.combine(day, time()) for day in days
        ]
    if rule.unit == "hour":
        return [touched.replace(minute=0, second=0) + timedelta(hours=rule.value)]
    day = local(touched, person.tz).date()
    if rule.unit == "day":
        day += timedelta(days=rule.value)
    elif rule.unit == "week":
        day += timedelta(days=7 * rule.value)
        while day.isoweekday() != person.week_start:
            day -= timedelta(days=1)
    else:
        day = day.replace(day=1) + relativedelta(months=rule.value)
    return [day_begins(day, person.tz)]


def after_quiet(rules, person, moment):
    """The first moment from then on that is not quiet, minute by minute."""
    quiet = [rule.quiet for rule in rules if rule.quiet]
    while any(is_quiet(each, moment, person.tz) for each in quiet):
        moment = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return moment
