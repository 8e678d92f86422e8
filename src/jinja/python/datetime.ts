import type { Host } from "../environment.ts";
import { Callable, Instance, type Obj, PyError } from "../objects.ts";
import { needText } from "./method-arguments.ts";
import { float } from "./number.ts";

/** A date without time zone, as Python's naive datetime: its fields as if they were UTC, in milliseconds. */
export interface NaiveDate {
  readonly object: Instance;
  readonly format: (format: string) => string;
}

/** How a moment is shown: the fields, and what `%Z`, `%z` and `%s` say. */
interface Shown {
  readonly fields: Date;
  readonly zone: string;
  readonly offset: string;
  readonly epoch: number;
}

const two = (value: number): string => String(value).padStart(2, "0");

/** Minutes that local time is ahead of UTC. */
const offsetAt = (moment: Date, host: Host): number =>
  host.utcOffset?.(moment) ?? -moment.getTimezoneOffset();

/** A moment in UTC. */
export const utcDate = (moment: Date): NaiveDate => naive(moment.getTime(), offsetNone(moment));

/** A moment in local time. */
export const localDate = (moment: Date, host: Host): NaiveDate => {
  const minutes = offsetAt(moment, host);
  return naive(moment.getTime() + minutes * 60_000, moment.getTime() / 1000);
};

const offsetNone = (moment: Date): number => moment.getTime() / 1000;

/** A naive datetime; `micros` are its microseconds beyond the milliseconds. */
export const naive = (time: number, epoch = time / 1000): NaiveDate => {
  const shown: Shown = { fields: new Date(time), zone: "", offset: "", epoch };
  const format = (text: string): string => strftime(text, shown);
  return { object: dateObject(shown, time), format };
};

const FIELDS: Readonly<Record<string, (date: Date) => number>> = {
  year: (date) => date.getUTCFullYear(),
  month: (date) => date.getUTCMonth() + 1,
  day: (date) => date.getUTCDate(),
  hour: (date) => date.getUTCHours(),
  minute: (date) => date.getUTCMinutes(),
  second: (date) => date.getUTCSeconds(),
  microsecond: (date) => date.getUTCMilliseconds() * 1000,
};

const isoText = (date: Date, separator: string): string => {
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  const micros = date.getUTCMilliseconds() * 1000;
  const fraction = micros === 0 ? "" : `.${String(micros).padStart(6, "0")}`;
  return `${isoDay(date)}${separator}${time}${fraction}`;
};

const isoDay = (date: Date): string =>
  `${String(date.getUTCFullYear()).padStart(4, "0")}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;

const dateObject = (shown: Shown, time: number): Instance => {
  const { fields } = shown;
  const methods: Readonly<Record<string, (args: readonly Obj[]) => Obj>> = {
    strftime: (args) => strftime(needText(args[0], "strftime() argument 1"), shown),
    isoformat: (args) => isoText(fields, args[0] === undefined ? "T" : needText(args[0], "separator")),
    timestamp: () => float(shown.epoch),
    weekday: () => (fields.getUTCDay() + 6) % 7,
    isoweekday: () => fields.getUTCDay() || 7,
    date: () => dayObject(fields),
    ctime: () => strftime("%a %b %e %H:%M:%S %Y", shown),
  };
  const attribute = (name: string): Obj | undefined => {
    const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
    if (field !== undefined) return field(fields);
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    return method === undefined ? undefined : new Callable(name, method);
  };
  return new Instance({ type: "datetime", attribute, print: () => isoText(fields, " "), order: time });
};

const dayObject = (date: Date): Instance => {
  const attribute = (name: string): Obj | undefined => {
    const field = ["year", "month", "day"].includes(name) ? FIELDS[name] : undefined;
    return field?.(date);
  };
  return new Instance({ type: "date", attribute, print: () => isoDay(date) });
};

/** The time between two dates, in milliseconds, as Python's timedelta. */
export const duration = (milliseconds: number): Instance => {
  const days = Math.floor(milliseconds / 86_400_000);
  const rest = milliseconds - days * 86_400_000;
  const attribute = (name: string): Obj | undefined => {
    if (name === "days") return days;
    if (name === "seconds") return Math.floor(rest / 1000);
    if (name === "microseconds") return Math.round((rest % 1000) * 1000);
    return name === "total_seconds" ? new Callable(name, () => float(milliseconds / 1000)) : undefined;
  };
  return new Instance({
    type: "timedelta",
    attribute,
    print: () => durationText(days, rest),
    order: milliseconds,
  });
};

const durationText = (days: number, rest: number): string => {
  const seconds = Math.floor(rest / 1000);
  const clock = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  const micros = Math.round((rest % 1000) * 1000);
  const time = micros === 0 ? clock : `${clock}.${String(micros).padStart(6, "0")}`;
  return days === 0 ? time : `${days} day${Math.abs(days) === 1 ? "" : "s"}, ${time}`;
};

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

const dayOfYear = (date: Date): number =>
  Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;

/** Year and week as ISO 8601 counts them. */
const isoWeek = (date: Date): { year: number; week: number } => {
  const thursday = new Date(date.getTime() + (4 - (date.getUTCDay() || 7)) * 86_400_000);
  return { year: thursday.getUTCFullYear(), week: Math.ceil(dayOfYear(thursday) / 7) };
};

const hour12 = (date: Date): number => date.getUTCHours() % 12 || 12;

const DIRECTIVES: Readonly<Record<string, (shown: Shown) => string>> = {
  Y: ({ fields }) => String(fields.getUTCFullYear()),
  C: ({ fields }) => two(Math.floor(fields.getUTCFullYear() / 100)),
  y: ({ fields }) => two(fields.getUTCFullYear() % 100),
  m: ({ fields }) => two(fields.getUTCMonth() + 1),
  d: ({ fields }) => two(fields.getUTCDate()),
  e: ({ fields }) => String(fields.getUTCDate()).padStart(2, " "),
  H: ({ fields }) => two(fields.getUTCHours()),
  k: ({ fields }) => String(fields.getUTCHours()).padStart(2, " "),
  I: ({ fields }) => two(hour12(fields)),
  l: ({ fields }) => String(hour12(fields)).padStart(2, " "),
  M: ({ fields }) => two(fields.getUTCMinutes()),
  S: ({ fields }) => two(fields.getUTCSeconds()),
  f: ({ fields }) => String(fields.getUTCMilliseconds() * 1000).padStart(6, "0"),
  p: ({ fields }) => (fields.getUTCHours() < 12 ? "AM" : "PM"),
  P: ({ fields }) => (fields.getUTCHours() < 12 ? "am" : "pm"),
  a: ({ fields }) => (DAYS[fields.getUTCDay()] ?? "").slice(0, 3),
  A: ({ fields }) => DAYS[fields.getUTCDay()] ?? "",
  b: ({ fields }) => (MONTHS[fields.getUTCMonth()] ?? "").slice(0, 3),
  h: ({ fields }) => (MONTHS[fields.getUTCMonth()] ?? "").slice(0, 3),
  B: ({ fields }) => MONTHS[fields.getUTCMonth()] ?? "",
  j: ({ fields }) => String(dayOfYear(fields)).padStart(3, "0"),
  u: ({ fields }) => String(fields.getUTCDay() || 7),
  w: ({ fields }) => String(fields.getUTCDay()),
  U: ({ fields }) => two(Math.floor((dayOfYear(fields) + 6 - fields.getUTCDay()) / 7)),
  W: ({ fields }) => two(Math.floor((dayOfYear(fields) + 6 - ((fields.getUTCDay() + 6) % 7)) / 7)),
  V: ({ fields }) => two(isoWeek(fields).week),
  G: ({ fields }) => String(isoWeek(fields).year),
  g: ({ fields }) => two(isoWeek(fields).year % 100),
  s: ({ epoch }) => String(Math.floor(epoch)),
  Z: ({ zone }) => zone,
  z: ({ offset }) => offset,
  n: () => "\n",
  t: () => "\t",
  "%": () => "%",
};

const COMPOSED: Readonly<Record<string, string>> = {
  F: "%Y-%m-%d",
  T: "%H:%M:%S",
  R: "%H:%M",
  D: "%m/%d/%y",
  x: "%m/%d/%y",
  X: "%H:%M:%S",
  c: "%a %b %e %H:%M:%S %Y",
  r: "%I:%M:%S %p",
};

const strftime = (format: string, shown: Shown): string =>
  format.replace(/%-?([A-Za-z%])/g, (directive, letter: string) => {
    const composed = COMPOSED[letter];
    if (composed !== undefined) return strftime(composed, shown);
    const text = DIRECTIVES[letter]?.(shown);
    if (text === undefined) return directive;
    return directive.startsWith("%-") ? text.replace(/^[0 ]+(?=.)/, "") : text;
  });

/** time.strftime of a moment, in local time or UTC. */
export const formatMoment = (format: string, moment: Date, host: Host, utc: boolean): string => {
  const minutes = utc ? 0 : offsetAt(moment, host);
  const size = Math.abs(minutes);
  const offset = `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}${two(size % 60)}`;
  const zone = minutes === 0 ? (utc ? "GMT" : "UTC") : offset;
  const fields = new Date(moment.getTime() + minutes * 60_000);
  return strftime(format, { fields, zone, offset, epoch: moment.getTime() / 1000 });
};

const PARTS: Readonly<Record<string, string>> = {
  Y: "\\d{4}",
  m: "1[0-2]|0[1-9]|[1-9]",
  d: "3[01]|[12]\\d|0[1-9]|[1-9]| [1-9]",
  H: "2[0-3]|[01]\\d|\\d",
  I: "1[0-2]|0[1-9]|[1-9]",
  M: "[0-5]\\d|\\d",
  S: "6[01]|[0-5]\\d|\\d",
  f: "\\d{1,6}",
  y: "\\d{2}",
  p: "[AaPp][Mm]",
  b: MONTHS.map((month) => month.slice(0, 3)).join("|"),
  B: MONTHS.join("|"),
  a: DAYS.map((day) => day.slice(0, 3)).join("|"),
  A: DAYS.join("|"),
  j: "36[0-6]|3[0-5]\\d|[12]\\d\\d|0[1-9]\\d|00[1-9]|[1-9]\\d|0[1-9]|[1-9]",
  z: "[+-]\\d\\d:?[0-5]\\d|Z",
};

/** datetime.strptime. */
export const parseDate = (text: string, format: string): NaiveDate => {
  const letters: string[] = [];
  const pattern = expanded(format)
    .replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")
    .replace(/\s+/g, "\\s+")
    .replace(/%(.)/g, (_, letter: string) => {
      if (letter === "%") return "%";
      const part = PARTS[letter];
      if (part === undefined)
        throw new PyError("ValueError", `'${letter}' is a bad directive in format '${format}'`);
      letters.push(letter);
      return `(${part})`;
    });
  const match = new RegExp(`^${pattern}$`, "iu").exec(text);
  if (match === null) {
    throw new PyError("ValueError", `time data '${text}' does not match format '${format}'`);
  }
  return fromParts(new Map(letters.map((letter, index) => [letter, match[index + 1] ?? ""])));
};

const expanded = (format: string): string =>
  format.replace(/%([FTRDxXc])/g, (_, letter: string) =>
    expanded((COMPOSED[letter] ?? "").replace("%e", "%d")),
  );

const fromParts = (parts: ReadonlyMap<string, string>): NaiveDate => {
  const number = (letter: string, otherwise: number): number => {
    const text = parts.get(letter);
    return text === undefined ? otherwise : Number(text);
  };
  const short = number("y", 0);
  const year = parts.has("y") ? short + (short < 69 ? 2000 : 1900) : number("Y", 1900);
  const name = (parts.get("b") ?? parts.get("B") ?? "").slice(0, 3).toLowerCase();
  const named = MONTHS.findIndex((month) => month.slice(0, 3).toLowerCase() === name);
  const month = named === -1 ? number("m", 1) - 1 : named;
  const pm = parts.get("p")?.toLowerCase() === "pm";
  const hour = parts.has("I") ? (number("I", 12) % 12) + (pm ? 12 : 0) : number("H", 0);
  const micros = Number((parts.get("f") ?? "0").padEnd(6, "0"));
  const day = parts.has("j") ? number("j", 1) : number("d", 1);
  const time = Date.UTC(year, parts.has("j") ? 0 : month, day, hour, number("M", 0), number("S", 0));
  if (!parts.has("j") && new Date(time).getUTCDate() !== day) {
    throw new PyError("ValueError", "day is out of range for month");
  }
  return naive(time + micros / 1000);
};
