import type { Action } from "../../core/action.ts";
import { all, known, type Probe, read, text } from "../../core/probe.ts";
import { argv } from "../../core/shell.ts";
import type { PlannedChange } from "../planned-change.ts";
import type { FileState } from "../shared-probes/file-state.ts";
import type { FileParams } from "./schema.ts";

/** A time that a file shall have. */
type WantedTime =
  | { readonly kind: "preserve" }
  | { readonly kind: "now" }
  /** `date` takes `text`, touch takes `stamp`. */
  | { readonly kind: "at"; readonly text: string; readonly stamp: string };

/** Seconds since the epoch of the wanted times on the node's clock and zone; null where no fixed time is wanted. */
export interface TimeFacts {
  readonly modification: number | null;
  readonly access: number | null;
}

/** What is wrong with the time parameters. */
export const timeRules = (params: FileParams): readonly string[] => {
  const faults = [
    wantedTime(params.modification_time, params.modification_time_format, "preserve") === null
      ? [`modification_time ${params.modification_time} does not match ${params.modification_time_format}`]
      : [],
    wantedTime(params.access_time, params.access_time_format, "preserve") === null
      ? [`access_time ${params.access_time} does not match ${params.access_time_format}`]
      : [],
  ].flat();
  const fixed = [params.modification_time, params.access_time].some(
    (time) => time !== null && time !== "preserve",
  );
  return params.recurse && fixed
    ? [...faults, "modification_time and access_time cannot be set with recurse"]
    : faults;
};

/** Asks the node which moments the wanted times are. */
export const timeFacts = (params: FileParams): Probe<TimeFacts> => {
  const { modification, access } = wantedTimes(params);
  return all<TimeFacts>({ modification: moment(modification), access: moment(access) });
};

const moment = (time: WantedTime): Probe<number | null> =>
  time.kind === "at"
    ? read(argv("date", "-d", time.text, "+%s"), (answer) =>
        answer.code === 0 ? Number(text(answer)) : null,
      )
    : known(null);

/** What it takes to give a path that is there its times. `now` is an event: it changes whenever it is asked for. */
export const timeChanges = (
  params: FileParams,
  path: string,
  state: FileState,
  facts: TimeFacts,
): readonly PlannedChange[] => {
  const { modification, access } = wantedTimes(params);
  const link = state.kind === "link";
  if (modification.kind === "now" && access.kind === "now") {
    return [eventChange(`times of ${path}`, path, ["touch", ...(link ? ["-h"] : []), path])];
  }
  return [
    ...timeChange({
      path,
      link,
      flag: "-a",
      time: access,
      name: "access",
      before: state.atime,
      at: facts.access,
    }),
    ...timeChange({
      path,
      link,
      flag: "-m",
      time: modification,
      name: "modification",
      before: state.mtime,
      at: facts.modification,
    }),
  ];
};

/** What gives a file that was just made its fixed times. */
export const freshTimes = (params: FileParams, path: string): readonly Action[] => {
  const { modification, access } = wantedTimes(params);
  return [
    ...(access.kind === "at" ? [stampAction(["touch", "-c", "-a"], access.stamp, path)] : []),
    ...(modification.kind === "at" ? [stampAction(["touch", "-c", "-m"], modification.stamp, path)] : []),
  ];
};

const stampAction = (command: readonly string[], stamp: string, path: string): Action => ({
  kind: "run",
  argv: [...command, "-t", stamp, path],
  touches: [{ kind: "path", path }],
});

interface OneTime {
  readonly path: string;
  readonly link: boolean;
  readonly flag: string;
  readonly time: WantedTime;
  readonly name: string;
  readonly before: number;
  readonly at: number | null;
}

const timeChange = ({ path, link, flag, time, name, before, at }: OneTime): readonly PlannedChange[] => {
  const command = ["touch", "-c", ...(link ? ["-h"] : []), flag];
  const field = `${name} time of ${path}`;
  if (time.kind === "preserve") return [];
  if (time.kind === "now") return [eventChange(field, path, [...command, path])];
  if (at === before) return [];
  return [
    {
      view: { field, before: iso(before), after: at === null ? time.text : iso(at) },
      actions: [stampAction(command, time.stamp, path)],
    },
  ];
};

const eventChange = (field: string, path: string, words: readonly string[]): PlannedChange => ({
  view: { field, before: null, after: "now", event: true },
  actions: [{ kind: "run", argv: words, touches: [{ kind: "path", path }] }],
});

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString().replace(".000Z", "Z");

const wantedTimes = (params: FileParams): { modification: WantedTime; access: WantedTime } => {
  const fallback = params.state === "touch" ? "now" : "preserve";
  const preserve: WantedTime = { kind: "preserve" };
  return {
    modification: wantedTime(params.modification_time, params.modification_time_format, fallback) ?? preserve,
    access: wantedTime(params.access_time, params.access_time_format, fallback) ?? preserve,
  };
};

/** null where the text does not match the format. */
const wantedTime = (
  given: string | null,
  format: string,
  fallback: "now" | "preserve",
): WantedTime | null => {
  const time = given ?? fallback;
  if (time === "preserve" || time === "now") return { kind: time };
  const fields = parseTime(time, format);
  if (fields === null) return null;
  const { Y, m, d, H, M, S } = fields;
  return { kind: "at", text: `${Y}-${m}-${d} ${H}:${M}:${S}`, stamp: `${Y}${m}${d}${H}${M}.${S}` };
};

const FIELDS: ReadonlyMap<string, string> = new Map([
  ["Y", "(?<Y>\\d{4})"],
  ["y", "(?<y>\\d{2})"],
  ["m", "(?<m>1[0-2]|0?[1-9])"],
  ["d", "(?<d>3[01]|[12]\\d|0?[1-9])"],
  ["H", "(?<H>2[0-3]|[01]?\\d)"],
  ["M", "(?<M>[0-5]?\\d)"],
  ["S", "(?<S>[0-5]?\\d)"],
]);

/** Two-digit strings of a time written by a strftime format, as strptime reads it; what is not in the format is 1900-01-01 00:00:00. */
const parseTime = (
  time: string,
  format: string,
): Readonly<Record<"Y" | "m" | "d" | "H" | "M" | "S", string>> | null => {
  const pieces = format.split(/%(.)/s).map((piece, index) => {
    if (index % 2 === 0) return piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return piece === "%" ? "%" : (FIELDS.get(piece) ?? null);
  });
  if (pieces.includes(null) || /%(.)[\s\S]*%\1/.test(format)) return null;
  const found = new RegExp(`^${pieces.join("")}$`).exec(time)?.groups;
  if (found === undefined) return null;
  const two = (value: string | undefined, absent: string): string => (value ?? absent).padStart(2, "0");
  const short = found.y === undefined ? "1900" : `${Number(found.y) < 69 ? "20" : "19"}${found.y}`;
  return {
    Y: found.Y ?? short,
    m: two(found.m, "1"),
    d: two(found.d, "1"),
    H: two(found.H, "0"),
    M: two(found.M, "0"),
    S: two(found.S, "0"),
  };
};
