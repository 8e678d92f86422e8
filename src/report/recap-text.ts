import type { HostRecap, RunEvent } from "../core/event.ts";
import type { Palette } from "./palette.ts";

type RecapEvent = Extract<RunEvent, { readonly kind: "recap" }>;

/** The names' column in Ansible's recap; longer names push the figures to the right. */
const NAME_WIDTH = 26;

/** Ansible's recap, one line per host, and below it one line with the time and the round trips that it took. */
export const recapLines = (event: RecapEvent, palette: Palette): readonly string[] => [
  ...Object.entries(event.hosts).map(([host, recap]) => recapLine(host, recap, palette)),
  ...statsLines(event.stats),
  "",
  palette.faint(costLine(event)),
];

/** As Ansible shows them where show_custom_stats is on: hosts first, then what is about the whole run. */
const statsLines = (stats: RecapEvent["stats"]): readonly string[] => {
  const all = Object.entries(stats);
  if (all.length === 0) return [];
  const lines = all.map(
    ([host, figures]) => `\t${host === "_run" ? "RUN" : host}: ${JSON.stringify(figures)}`,
  );
  return ["", "CUSTOM STATS:", ...lines];
};

/** The widths of Ansible's default callback, so that whatever reads its recap reads this one. */
const recapLine = (host: string, recap: HostRecap, palette: Palette): string => {
  const figures = [
    figure("ok", recap.ok, palette.ok),
    figure("changed", recap.changed, palette.changed),
    figure("unreachable", recap.unreachable, palette.failed),
    figure("failed", recap.failed, palette.failed),
    figure("skipped", recap.skipped, palette.skipped),
    figure("rescued", recap.rescued, palette.ok),
    figure("ignored", recap.ignored, palette.predicted),
  ];
  return `${nameOf(host, recap, palette)} : ${figures.join(" ").trimEnd()}`;
};

const figure = (name: string, count: number, paint: (text: string) => string): string => {
  const text = `${name}=${String(count).padEnd(4)}`;
  return count === 0 ? text : paint(text);
};

const nameOf = (host: string, recap: HostRecap, palette: Palette): string => {
  const name = host.padEnd(NAME_WIDTH);
  if (recap.failed > 0 || recap.unreachable > 0) return palette.failed(name);
  return recap.changed > 0 ? palette.changed(name) : palette.ok(name);
};

const costLine = ({ seconds, roundTrips }: RecapEvent): string => {
  const trips = Object.values(roundTrips);
  const total = trips.reduce((sum, count) => sum + count, 0);
  const most = Math.max(0, ...trips);
  const nodes = trips.length === 1 ? "1 node" : `${trips.length} nodes`;
  const each = trips.length > 1 ? `, at most ${most} to one of them` : "";
  return `${durationText(seconds)}, ${total} ${total === 1 ? "round trip" : "round trips"} to ${nodes}${each}`;
};

/** A duration in seconds for a person: `0.32 s`, `12.4 s`, `3 min 07 s`. */
export const durationText = (seconds: number): string => {
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
};
