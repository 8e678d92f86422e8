import { resolve } from "node:path";
import { LbplayError } from "../core/error.ts";
import { suggest } from "../core/suggest.ts";
import type { FaultWish } from "../drill/drill.ts";
import { FAULTS } from "../drill/faults/catalog.ts";
import type { DrillFile } from "../drill/file-schema.ts";
import { parseDuration } from "../lb/duration.ts";
import type { PairSettings } from "../lb/pair/pair.ts";
import { readDrillFile } from "./drill-file.ts";
import type { DrillOptions } from "./run-options.ts";

/** What is drilled and how: the command line, then the drill file, then the inventory. */
export interface DrillWish {
  readonly faults: readonly FaultWish[];
  readonly everyMs: number;
  readonly held: number;
  /** null: this machine. */
  readonly from: string | null;
  readonly probe: string | null;
  readonly repeats: number;
}

const RATE = 200;
const HELD = 10;

/** The drill file of a command line; null: none. Throws LbplayErrors. */
export const drillFileOf = ({ file }: Pick<DrillOptions, "file">, cwd: string): DrillFile | null =>
  file === null ? null : readDrillFile(resolve(cwd, file), cwd);

/** Everything that is wished for. Throws E_USAGE for a fault that there is not. */
export const drillWish = (
  options: DrillOptions,
  file: DrillFile | null,
  settings: PairSettings,
): DrillWish => {
  const repeats = options.repeats ?? file?.repeat ?? 1;
  const budgetMs = options.maxOutageMs ?? duration(file?.max_outage ?? null) ?? settings.maxOutageMs;
  const from = options.from ?? file?.from ?? settings.probeFrom;
  return {
    faults: wishes(options, file, repeats, budgetMs),
    everyMs: 1000 / (options.rate ?? file?.rate ?? RATE),
    held: options.held ?? file?.held ?? HELD,
    from: from === "controller" ? null : from,
    probe: options.probe ?? file?.probe ?? settings.probe,
    repeats,
  };
};

const wishes = (
  { faults: named, repeats: wished, maxOutageMs }: DrillOptions,
  file: DrillFile | null,
  repeats: number,
  budgetMs: number | null,
): readonly FaultWish[] => {
  for (const name of named) refuseUnknown(name);
  const listed = new Map((file?.faults ?? []).map((one) => [one.fault, one]));
  const chosen = named.length > 0 ? new Set(named) : listed.size > 0 ? new Set(listed.keys()) : null;
  return FAULTS.filter(({ id }) => chosen === null || chosen.has(id)).map((fault): FaultWish => {
    const own = listed.get(fault.id);
    return {
      fault,
      repeats: wished ?? own?.repeat ?? repeats,
      budgetMs: maxOutageMs ?? duration(own?.max_outage ?? null) ?? budgetMs,
    };
  });
};

const duration = (text: string | null): number | null => (text === null ? null : parseDuration(text));

const refuseUnknown = (name: string): void => {
  const known: readonly string[] = FAULTS.map(({ id }) => id);
  if (known.includes(name)) return;
  const meant = suggest(name, known);
  throw new LbplayError({
    code: "E_USAGE",
    message: `there is no fault ${name}`,
    hint: meant === null ? `there is ${known.join(", ")}` : `did you mean ${meant}?`,
  });
};
