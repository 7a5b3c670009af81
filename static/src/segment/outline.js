const GROUPS = ["all", "any", "none"];

/** Does the line hold others? */
export function isGroup(line) {
    return GROUPS.includes(line.data.kind);
}

/** As the server names the line, saved or not. */
export function lineKey(line) {
    return String(line.resId || line._virtualId);
}

/** Where it stands; a line may be reached by several ways, and is the same line. */
export function indexOf(lines, line) {
    return lines.findIndex((other) => other.id === line.id);
}

/** The line and all that belongs to it. */
export function blockOf(lines, line) {
    const start = indexOf(lines, line);
    let end = start + 1;
    while (end < lines.length && lines[end].data.level > line.data.level) {
        end++;
    }
    return lines.slice(start, end);
}

/** Is there a group above it, to which it does not belong yet? */
export function canIndent(lines, line) {
    const before = lines[indexOf(lines, line) - 1];
    if (!before) {
        return false;
    }
    return line.data.level < before.data.level + (isGroup(before) ? 1 : 0);
}

/** The line before or after it in the same group. */
export function neighbour(lines, line, by) {
    const level = line.data.level;
    let index = indexOf(lines, line) + by;
    while (lines[index] && lines[index].data.level > level) {
        index += by;
    }
    const other = lines[index];
    return other && other.data.level === level ? other : null;
}

/** How deep a line stands that comes after all others: in the group that is open. */
export function levelAfter(line) {
    return line ? line.data.level + (isGroup(line) ? 1 : 0) : 0;
}
