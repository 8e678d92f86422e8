import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { LbplayError, LbplayErrors } from "../../core/error.ts";
import type { HostRecap, RunEvent } from "../../core/event.ts";
import { sumOfRecaps } from "../../core/recap.ts";
import { statsTogether } from "../../engine/custom-stats.ts";
import { createPalette, wantsColour } from "../../report/palette.ts";
import { recapLines } from "../../report/recap-text.ts";
import { EXIT } from "../exit-code.ts";
import type { Io } from "../io.ts";
import type { RecapOptions } from "../run-options.ts";

type RecapEvent = Extract<RunEvent, { readonly kind: "recap" }>;

/** Puts the ends of several runs together, as if they had been one: the shards of a site. The exit code is that of the worst. */
export const recap = ({ files, output }: RecapOptions, io: Io): number => {
  const found = files.map((file) => endOf(file, io));
  const faults = found.flatMap((end) => (end instanceof LbplayError ? [end] : []));
  if (faults.length > 0) throw new LbplayErrors(faults);
  const whole = together(found.flatMap((end) => (end instanceof LbplayError ? [] : [end])));
  if (output === "json") io.stdout.write(`${JSON.stringify(whole)}\n`);
  else {
    const palette = createPalette(wantsColour({ env: io.env, isTTY: io.stdout.isTTY }));
    io.stdout.write(`${recapLines(whole, palette).join("\n")}\n`);
  }
  const figures = Object.values(whole.hosts);
  if (figures.some(({ failed }) => failed > 0)) return EXIT.failed;
  return figures.some(({ unreachable }) => unreachable > 0) ? EXIT.unreachable : EXIT.ok;
};

/** The recap at the end of a run's events, or why there is none. */
const endOf = (file: string, io: Io): RecapEvent | LbplayError => {
  const wrong = (message: string, hint: string): LbplayError =>
    new LbplayError({ code: "E_RECAP", message, hint });
  let text: string;
  try {
    text = readFileSync(resolve(io.cwd, file), "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return wrong(
      `cannot read ${file}: ${reason}`,
      "name the files that lbplay run --output json has written",
    );
  }
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  try {
    const events = lines.map((line) => JSON.parse(line) as Partial<RunEvent>);
    const end = events.findLast((event): event is RecapEvent => event.kind === "recap");
    if (end !== undefined) return end;
  } catch {
    const hint = "each line is an event as JSON: lbplay run --output json >FILE";
    return wrong(`${file} is not what --output json writes`, hint);
  }
  return wrong(
    `${file} has no recap: that run did not come to its end`,
    "run that shard again; what it was through with costs nothing",
  );
};

/** A host that several runs went to, as this machine, has the sum of all. */
const together = (ends: readonly RecapEvent[]): RecapEvent => {
  const hosts = new Map<string, HostRecap>();
  const roundTrips = new Map<string, number>();
  for (const end of ends) {
    for (const [host, figures] of Object.entries(end.hosts)) {
      const before = hosts.get(host);
      hosts.set(host, before === undefined ? figures : sumOfRecaps(before, figures));
    }
    for (const [host, trips] of Object.entries(end.roundTrips))
      roundTrips.set(host, (roundTrips.get(host) ?? 0) + trips);
  }
  return {
    kind: "recap",
    time: Math.max(...ends.map(({ time }) => time)),
    // An older lbplay wrote none.
    stats: statsTogether(ends.map(({ stats }) => stats ?? {})),
    hosts: Object.fromEntries(hosts),
    roundTrips: Object.fromEntries(roundTrips),
    seconds: Math.max(...ends.map(({ seconds }) => seconds)),
  };
};
