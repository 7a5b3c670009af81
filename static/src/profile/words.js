import {deserializeDateTime, formatDateTime} from "@web/core/l10n/dates";

const {DateTime} = luxon;

/** "3 days ago", of a moment as the server sends it. */
export function ago(text) {
    return text ? deserializeDateTime(text).toRelative() : "";
}

/** The moment itself, in the reader's clock. */
export function moment(text) {
    return text ? formatDateTime(deserializeDateTime(text), {showSeconds: false}) : "";
}

/** The day as a heading: today's without a year. */
export function day(text) {
    const date = deserializeDateTime(text);
    const isThisYear = date.year === DateTime.local().year;
    return date.toLocaleString({
        weekday: "short",
        day: "numeric",
        month: "short",
        ...(isThisYear ? {} : {year: "numeric"}),
    });
}

/** "80 %", as the language writes it. */
export function percent(share) {
    return new Intl.NumberFormat(DateTime.local().locale, {
        style: "percent",
        maximumFractionDigits: 0,
    }).format(share);
}
