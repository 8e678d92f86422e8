import { setTimeout as sleep } from "node:timers/promises";
import manifest from "../../../package.json" with { type: "json" };
import type { Nodes } from "../../engine/nodes.ts";
import { pairHealth } from "../../lb/live/pair-health.ts";
import { pageText } from "../../report/html/page.ts";
import { statusPage } from "../../report/html/status-page.ts";
import { jsonLine } from "../../report/json-text.ts";
import { createPalette, wantsColour } from "../../report/palette.ts";
import { EXIT } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { chosenPairs, lookAt } from "../live-pair.ts";
import { type Live, withNodes } from "../nodes.ts";
import type { InventoryPair } from "../pairs.ts";
import { openReportFile } from "../report-file.ts";
import type { StatusOptions } from "../run-options.ts";
import { statusJson } from "../status-json.ts";
import { shownStatus } from "../status-shown.ts";
import { type SeenPair, statusText } from "../status-text.ts";

/** Looks at pairs once, or again and again, and says how they are; changes nothing. */
export const status = async (options: StatusOptions, io: Io): Promise<number> => {
  const file = options.report === null ? null : await openReportFile(options.report, io);
  return withNodes(options.live, io, async (live) => {
    const pairs = (await chosenPairs(live, options.pair)).map((pair) => ({
      pair,
      nodes: live.open(pair.hosts),
    }));
    for (;;) {
      const seen = await Promise.all(pairs.map(({ pair, nodes }) => look(pair, nodes, options)));
      show(seen, options, live, io);
      const code = exitCode(seen);
      if (file !== null) return file.write(pageOf(seen, live, io), code);
      if (options.watchSeconds === null) return code;
      await sleep(options.watchSeconds * 1000, undefined, { signal: live.signal }).catch(() => undefined);
      if (live.signal.aborted) return code;
    }
  });
};

const pageOf = (seen: readonly SeenPair[], { redactor }: Live, io: Io): string =>
  pageText(statusPage(seen.map(shownStatus)), {
    version: manifest.version,
    time: io.now(),
    redact: redactor.redact,
  });

const look = async (pair: InventoryPair, nodes: Nodes, { live }: StatusOptions): Promise<SeenPair> => {
  const seen = await lookAt(nodes.all, live.forks);
  return { name: pair.name, nodes: seen, health: pairHealth(seen) };
};

const CLEAR = "\u001b[H\u001b[2J";

const show = (
  seen: readonly SeenPair[],
  { output, watchSeconds }: StatusOptions,
  live: Live,
  io: Io,
): void => {
  if (output === "json") {
    const line = jsonLine({ time: new Date(io.now()).toISOString(), pairs: seen.map(statusJson) });
    io.stdout.write(`${live.redactor.redact(line)}\n`);
    return;
  }
  const palette = createPalette(wantsColour({ env: io.env, isTTY: io.stdout.isTTY }));
  const text = seen.map((pair) => statusText(pair, palette)).join("\n");
  const clock = `${new Date(io.now()).toISOString().slice(11, 19)} UTC\n`;
  io.stdout.write(
    watchSeconds === null
      ? live.redactor.redact(text)
      : `${io.stdout.isTTY ? CLEAR : ""}${clock}${live.redactor.redact(text)}`,
  );
};

/** A node that was not reached is told apart where nothing else is wrong. */
const exitCode = (seen: readonly SeenPair[]): number => {
  const errors = seen.flatMap(({ health }) => health.problems.filter(({ severity }) => severity === "error"));
  if (errors.some(({ kind }) => kind !== "unreachable")) return EXIT.failed;
  return errors.length > 0 ? EXIT.unreachable : EXIT.ok;
};
