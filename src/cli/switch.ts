import { setTimeout as sleep } from "node:timers/promises";
import type { Node, Nodes } from "../engine/nodes.ts";
import { type Handover, takesBack } from "../lb/live/handover.ts";
import { addressesProbe } from "../lb/live/live.ts";
import { type LiveNode, stateOf } from "../lb/live/node.ts";
import { rejoinScript } from "../lb/live/out.ts";
import { pairHealth } from "../lb/live/pair-health.ts";
import { type HandoverOutcome, type Hands, performHandover } from "../lb/live/perform-handover.ts";
import type { Outage } from "../probe/outage.ts";
import type { Continuity } from "./continuity.ts";
import { lookAt } from "./live-pair.ts";
import { type Move, planSwitch } from "./switch-plan.ts";

/** What a switch needs: the pair's nodes under the lock, and a client that counts. */
export interface SwitchTools {
  readonly nodes: Nodes;
  readonly forks: number;
  /** null: nothing is asked. */
  readonly continuity: Continuity | null;
}

/** What became of a switch. */
export interface SwitchReport {
  /** What was done in the end. */
  readonly handover: Handover;
  readonly outcome: HandoverOutcome;
  /** null: nobody asked. */
  readonly outage: Outage | null;
  /** How the pair is afterwards. */
  readonly after: readonly LiveNode[];
  /** What is wrong afterwards and was not before. */
  readonly worse: readonly string[];
}

/** Milliseconds that the client asks before the handover: a gap begins at an answer. */
const BEFORE_MS = 300;

/** Milliseconds that the client goes on asking after the handover, for what comes late: ARP, a second move. */
const AFTER_MS = 1000;

/** A script of ours, or a look, that takes longer than this will not end, in milliseconds. */
const STEP_LIMIT_MS = 15_000;

/** How long a former owner may take until it is a standby again: keepalived's start and its startup delay, in milliseconds. */
const SETTLE_MS = 30_000;

const SETTLE_POLL_MS = 500;

/** Hands over while the client counts, and waits until the pair is at rest. */
export const performSwitch = async (
  move: Move,
  before: readonly LiveNode[],
  tools: SwitchTools,
): Promise<SwitchReport> => {
  const counting = (await tools.continuity?.start()) ?? null;
  let outage: Outage | null = null;
  let done: Done;
  try {
    await sleep(counting === null ? 0 : BEFORE_MS);
    done = move.joining ? await joinAndMove(move, tools) : await handOver(move.handover, tools);
    await sleep(counting === null ? 0 : AFTER_MS);
  } finally {
    outage = (await counting?.stop()) ?? null;
  }
  const { handover, outcome } = done;
  const owner = outcome.kind === "moved" ? handover.to : handover.from;
  const after = await settled(tools, (nodes) => isAtRest(nodes, owner, handover));
  const known = new Set(problemsOf(before));
  return {
    handover,
    outcome,
    outage,
    after,
    worse: problemsOf(after).filter((problem) => !known.has(problem)),
  };
};

type Done = Pick<SwitchReport, "handover" | "outcome">;

const handOver = async (handover: Handover, { nodes }: SwitchTools): Promise<Done> => ({
  handover,
  outcome: await performHandover(handover, handsOf(nodes)),
});

/**
 * Lets a node take part that was kept out. One that takes the addresses by itself is let do so, as it then takes over
 * while the other still serves; else they are handed over to it.
 */
const joinAndMove = async ({ from, to, handover }: Move, tools: SwitchTools): Promise<Done> => {
  const began = performance.now();
  const undone = (reason: string): Done => ({ handover, outcome: { kind: "undone", reason } });
  const { code, stderr } = await runOn(tools.nodes, to.name, rejoinScript(to));
  if (code !== 0) return undone(`${to.name} does not take part again: ${stderr.trim()}`);
  const joined = await settled(tools, (nodes) => takesPart(nodes, to.name));
  const [own, other] = [to.name, from.name].map((name) => joined.find((node) => node.name === name));
  const willTake = own !== undefined && other !== undefined && takesBack(own, other);
  const seen = willTake ? await settled(tools, (nodes) => pairHealth(nodes).owner === to.name) : joined;
  const now = planSwitch(seen, to.name);
  switch (now.kind) {
    case "move":
      return handOver(now.handover, tools);
    case "refused":
      return undone(now.reasons.join("; "));
    case "there":
      return {
        handover: { ...handover, rejoin: { ...handover.rejoin, when: "at-once" } },
        outcome: { kind: "moved", afterMs: performance.now() - began, shared: false },
      };
  }
};

const takesPart = (nodes: readonly LiveNode[], name: string): boolean => {
  const node = nodes.find((one) => one.name === name);
  const instances = (node === undefined ? null : stateOf(node))?.keepalived.instances ?? [];
  return instances.length > 0 && instances.every(({ state }) => state === "BACKUP" || state === "MASTER");
};

/** What counts against a switch: the former owner being out is its own affair. */
const problemsOf = (nodes: readonly LiveNode[]): readonly string[] =>
  pairHealth(nodes).problems.flatMap(({ severity, kind, node, message }) =>
    severity === "error" && kind !== "switched-away" && kind !== "maintenance"
      ? [`${node === null ? "" : `${node}: `}${message}`]
      : [],
  );

const isAtRest = (nodes: readonly LiveNode[], owner: string, { from, rejoin }: Handover): boolean => {
  if (pairHealth(nodes).owner !== owner) return false;
  const former = nodes.find(({ name }) => name === from);
  if (former === undefined || former.name === owner || rejoin.when === "later") return true;
  return stateOf(former)?.keepalived.instances.every(({ state }) => state === "BACKUP") ?? false;
};

/** Looks until the pair is as wanted, but not for ever; the last look. */
export const settled = async (
  { nodes, forks }: Pick<SwitchTools, "nodes" | "forks">,
  wanted: (nodes: readonly LiveNode[]) => boolean,
): Promise<readonly LiveNode[]> => {
  const began = performance.now();
  for (;;) {
    const seen = await lookAt(nodes.all, forks);
    if (wanted(seen) || performance.now() - began > SETTLE_MS) return seen;
    await sleep(SETTLE_POLL_MS);
  }
};

/** A node of the pair by its name. */
export const nodeOf = (nodes: Nodes, name: string): Node => {
  const node = nodes.all.find((one) => one.name === name);
  if (node === undefined) throw new Error(`${name} is not open`);
  return node;
};

/** Runs a script on a node; its failure is a value. */
export const runOn = async (
  nodes: Nodes,
  name: string,
  script: string,
): Promise<{ readonly code: number; readonly stderr: string }> => {
  const { code, stderr } = await nodeOf(nodes, name).act(script, STEP_LIMIT_MS);
  return { code, stderr: stderr.toString("utf8") };
};

const handsOf = (nodes: Nodes): Hands => ({
  addresses: (name) => nodeOf(nodes, name).read(addressesProbe, STEP_LIMIT_MS),
  run: (name, script) => runOn(nodes, name, script),
  now: () => performance.now(),
  sleep: (milliseconds) => sleep(milliseconds),
});
