import { diagnose as judge } from "../../lb/diagnose/diagnose.ts";
import { allAddresses, stateOf } from "../../lb/live/node.ts";
import { jsonLine } from "../../report/json-text.ts";
import { createPalette, wantsColour } from "../../report/palette.ts";
import { diagnosisJson } from "../diagnose-json.ts";
import { type DiagnosedPair, diagnosisText } from "../diagnose-text.ts";
import { examine } from "../examine.ts";
import { EXIT } from "../exit-code.ts";
import { fromHere } from "../from-here.ts";
import type { Io } from "../io.ts";
import { chosenPairs } from "../live-pair.ts";
import { type Live, withNodes } from "../nodes.ts";
import type { InventoryPair } from "../pairs.ts";
import type { DiagnoseOptions } from "../run-options.ts";

/** Finds out what is wrong with pairs, and why; changes nothing. */
export const diagnose = (options: DiagnoseOptions, io: Io): Promise<number> =>
  withNodes(options.live, io, async (live) => {
    const pairs = await Promise.all(
      (await chosenPairs(live, options.pair)).map((pair) => diagnosed(pair, live, options, io)),
    );
    show(pairs, options, live, io);
    return exitCode(pairs);
  });

const diagnosed = async (
  { name, hosts, settings }: InventoryPair,
  live: Live,
  options: DiagnoseOptions,
  io: Io,
): Promise<DiagnosedPair> => {
  const nodes = await examine(live.open(hosts).all, options.live.forks, io.now);
  const lives = nodes.map((node) => node.live);
  const addresses = allAddresses(lives);
  const here = await fromHere(lives, addresses);
  return { name, addresses, nodes, here, diagnosis: judge(nodes, here, { name, settings, now: io.now() }) };
};

const show = (pairs: readonly DiagnosedPair[], { output }: DiagnoseOptions, live: Live, io: Io): void => {
  if (output === "json") {
    const line = jsonLine({ time: new Date(io.now()).toISOString(), pairs: pairs.map(diagnosisJson) });
    io.stdout.write(`${live.redactor.redact(line)}\n`);
    return;
  }
  const palette = createPalette(wantsColour({ env: io.env, isTTY: io.stdout.isTTY }));
  io.stdout.write(live.redactor.redact(pairs.map((pair) => diagnosisText(pair, palette)).join("\n")));
};

const exitCode = (pairs: readonly DiagnosedPair[]): number => {
  if (pairs.some(({ nodes }) => nodes.some(({ live }) => stateOf(live) === null))) return EXIT.unreachable;
  return pairs.every(({ diagnosis }) => diagnosis.well) ? EXIT.ok : EXIT.failed;
};
