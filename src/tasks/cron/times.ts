/** What is wrong with one of crontab(5)'s five fields, or null. cron ignores a whole file for one bad field. */
export const timeFault = (name: TimeField, value: string): string | null =>
  value.split(",").every((part) => isPart(part, FIELDS[name]))
    ? null
    : `${name}: ${value} is no time: expected ${FIELDS[name].first}-${FIELDS[name].last}, *, */2, or a list of such`;

/** The fields of a time, in the order that cron has them. */
export type TimeField = "minute" | "hour" | "day" | "month" | "weekday";

interface Field {
  readonly first: number;
  readonly last: number;
  readonly names: readonly string[];
}

/** Sunday is 0 and 7. */
const FIELDS: Readonly<Record<TimeField, Field>> = {
  minute: { first: 0, last: 59, names: [] },
  hour: { first: 0, last: 23, names: [] },
  day: { first: 1, last: 31, names: [] },
  month: {
    first: 1,
    last: 12,
    names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  },
  weekday: { first: 0, last: 7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
};

/** A star, a value or a range, with a step behind it; `~` is cronie's range with a random value. */
const isPart = (part: string, field: Field): boolean => {
  const [, star, from, to, step] = /^(?:(\*)|(\w+)(?:[-~](\w+))?)(?:\/(\d+))?$/.exec(part) ?? [];
  if (step !== undefined && Number(step) < 1) return false;
  if (star !== undefined) return true;
  return from !== undefined && isValue(from, field) && (to === undefined || isValue(to, field));
};

const isValue = (word: string, { first, last, names }: Field): boolean =>
  /^\d{1,2}$/.test(word) ? Number(word) >= first && Number(word) <= last : names.includes(word.toLowerCase());
