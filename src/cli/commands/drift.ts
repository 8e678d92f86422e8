import { probeNodes } from "../../engine/nodes.ts";
import { type DriftNode, driftProbe } from "../../lb/drift/node.ts";
import { pairDrift } from "../../lb/drift/pair-drift.ts";
import { stateOf } from "../../lb/live/node.ts";
import { jsonLine } from "../../report/json-text.ts";
import { createPalette, wantsColour } from "../../report/palette.ts";
import { type ComparedPair, type Drift, driftJson, driftText } from "../drift-text.ts";
import { pairNode } from "../examine.ts";
import { EXIT } from "../exit-code.ts";
import { type IntentDrift, intentDrift } from "../intent.ts";
import type { Io } from "../io.ts";
import { chosenPairs, LOOK_LIMIT_MS, lookAt } from "../live-pair.ts";
import { type Live, withNodes } from "../nodes.ts";
import { type InventoryPair, pairsOf } from "../pairs.ts";
import type { DriftOptions } from "../run-options.ts";

/** Compares nodes with playbooks, and the nodes of each pair with each other; changes nothing. */
export const drift = async (options: DriftOptions, given: Io): Promise<number> => {
  const io = askingOnce(given);
  const intent = options.playbooks.length === 0 ? null : await intentDrift(options, io);
  if (intent?.exitCode === EXIT.interrupted) return EXIT.interrupted;
  return withNodes(options.live, io, async (live) => {
    const chosen = intent !== null && !(await hasPair(live)) ? [] : await chosenPairs(live, null);
    const pairs = await Promise.all(chosen.map((pair) => compared(pair, live, options)));
    show({ intent, pairs }, options, live, io);
    return exitCode(intent, pairs);
  });
};

/** A playbook may be for hosts that are no pair. */
const hasPair = async ({ inventory }: Live): Promise<boolean> =>
  (await pairsOf(inventory)).length > 0 || (inventory.groups.get("lb")?.hosts.length ?? 0) > 0;

/** The playbook and the pairs are reached one after the other, with the same passwords. */
const askingOnce = (io: Io): Io => {
  const answers = new Map<string, ReturnType<Io["ask"]>>();
  const ask: Io["ask"] = (question) => {
    const answer = answers.get(question.text) ?? io.ask(question);
    answers.set(question.text, answer);
    return answer;
  };
  return { ...io, ask };
};

const compared = async (
  { name, hosts }: InventoryPair,
  live: Live,
  options: DriftOptions,
): Promise<ComparedPair> => {
  const nodes = live.open(hosts).all;
  const seen = await lookAt(nodes, options.live.forks);
  const known = new Map(seen.map((one) => [one.name, pairNode(one)]));
  const reached = nodes.filter((node) => seen.some((one) => one.name === node.name && stateOf(one) !== null));
  const answers = await probeNodes(
    reached,
    options.live.forks,
    (node) =>
      driftProbe(known.get(node.name) ?? { name: node.name, haproxy: null, keepalived: null, facts: null }),
    LOOK_LIMIT_MS,
  );
  const told = hosts.flatMap((host): readonly DriftNode[] => {
    const answer = answers.get(host);
    return answer?.kind === "answered" ? [answer.value] : [];
  });
  return {
    name,
    nodes: told.map((node) => node.name),
    unreachable: hosts.filter((host) => !told.some((node) => node.name === host)),
    differences: pairDrift(told),
  };
};

const show = (found: Drift, { output }: DriftOptions, live: Live, io: Io): void => {
  if (output === "json") {
    const line = jsonLine({ time: new Date(io.now()).toISOString(), ...driftJson(found) });
    io.stdout.write(`${live.redactor.redact(line)}\n`);
    return;
  }
  const palette = createPalette(wantsColour({ env: io.env, isTTY: io.stdout.isTTY }));
  io.stdout.write(live.redactor.redact(driftText(found, palette)));
};

const exitCode = (intent: IntentDrift | null, pairs: readonly ComparedPair[]): number => {
  if (intent?.exitCode === EXIT.failed) return EXIT.failed;
  if (intent?.exitCode === EXIT.unreachable || pairs.some(({ unreachable }) => unreachable.length > 0))
    return EXIT.unreachable;
  const drifted = (intent?.nodes.size ?? 0) > 0 || pairs.some(({ differences }) => differences.length > 0);
  return drifted ? EXIT.changes : EXIT.ok;
};
