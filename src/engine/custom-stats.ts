import type { StatsChange } from "../core/task.ts";
import { fromJson, isDict, isList, type Json, PyFloat, toJson, type Value } from "../core/value.ts";

/** What set_stats noted in a run: by host, and under `_run` for the whole. */
export type CustomStats = Map<string, Map<string, Value>>;

/** The name that figures of the whole run have beside hosts. */
const WHOLE_RUN = "_run";

/** Notes figures, or adds them to those of the same name. */
export const noteStats = (stats: CustomStats, change: StatsChange, hosts: readonly string[]): void => {
  for (const host of change.perHost ? hosts : [WHOLE_RUN])
    addFigures(stats, host, change.figures, change.aggregate);
};

const addFigures = (
  stats: CustomStats,
  host: string,
  figures: ReadonlyMap<string, Value>,
  aggregate: boolean,
): void => {
  const own = stats.get(host) ?? new Map<string, Value>();
  stats.set(host, own);
  for (const [name, value] of figures) {
    const present = own.get(name);
    own.set(name, present === undefined || !aggregate ? value : added(present, value));
  }
};

/** The figures of several runs, added up as if they had been one. */
export const statsTogether = (
  runs: readonly Readonly<Record<string, Json>>[],
): Readonly<Record<string, Json>> => {
  const stats: CustomStats = new Map();
  for (const run of runs)
    for (const [host, figures] of Object.entries(run)) {
      const own = fromJson(figures);
      if (isDict<Value>(own))
        addFigures(stats, host, new Map([...own].map(([name, value]) => [String(name), value])), true);
    }
  return statsData(stats);
};

/** As Ansible adds: numbers, texts and lists; mappings are merged; what is of another type changes nothing. */
const added = (present: Value, value: Value): Value => {
  if (isDict<Value>(present)) return isDict<Value>(value) ? merged(present, value) : present;
  if (isList<Value>(present)) return isList<Value>(value) ? [...present, ...value] : present;
  if (typeof present === "string") return typeof value === "string" ? present + value : present;
  if (present instanceof PyFloat)
    return value instanceof PyFloat ? new PyFloat(present.value + value.value) : present;
  if (typeof present === "boolean")
    return typeof value === "boolean" ? Number(present) + Number(value) : present;
  if (typeof present === "number")
    return typeof value === "number" || typeof value === "boolean" ? present + Number(value) : present;
  return present;
};

const merged = (present: ReadonlyMap<Value, Value>, value: ReadonlyMap<Value, Value>): Value =>
  new Map([
    ...present,
    ...[...value].map(([name, item]): readonly [Value, Value] => {
      const old = present.get(name);
      return [name, isDict<Value>(old ?? null) && isDict<Value>(item) ? added(old ?? null, item) : item];
    }),
  ]);

/** The figures as data: hosts by name, `_run` last. */
export const statsData = (stats: CustomStats): Readonly<Record<string, Json>> => {
  const names = [...stats.keys()].filter((name) => name !== WHOLE_RUN).sort();
  const all = stats.has(WHOLE_RUN) ? [...names, WHOLE_RUN] : names;
  return Object.fromEntries(all.map((name) => [name, toJson(new Map(stats.get(name) ?? []))]));
};
