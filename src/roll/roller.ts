import type { HostPlan, Roller, RollJob } from "../core/roll.ts";
import { TransportError } from "../core/transport.ts";
import { keepalivedConfig } from "../lb/keepalived/read-config.ts";
import { allAddresses, heldBy, type LiveNode } from "../lb/live/node.ts";
import { unfitness } from "../lb/live/pair-health.ts";
import type { PairNode } from "../lb/pair/pair.ts";
import { type Impact, impactOf } from "../lb/roll/impact.ts";
import { consequence, type Decision, decide, type Order } from "../lb/roll/order.ts";
import { takersOf } from "../lb/roll/takers.ts";
import { watchContinuity } from "./continuity.ts";
import { parseNote, type RollNote } from "./note.ts";
import { onNode } from "./on-node.ts";
import { performOrder } from "./orders.ts";
import { type Roll, RollFailure, type RollPair, type RollSettings, type RollWorld } from "./parts.ts";
import { proveFailover } from "./prove-failover.ts";
import { putBack } from "./put-back.ts";
import { settle } from "./settle.ts";
import { filesOf, survey } from "./survey.ts";
import { tryChanges } from "./try-changes.ts";

/** Rolls plays over the pairs of an inventory: standby first, with gates, and back where one is not passed. */
export const createRoller = (
  pairs: readonly RollPair[],
  settings: RollSettings,
  world: RollWorld,
): Roller => ({
  groups: (hosts) =>
    pairs
      .map(({ name, hosts: own }) => ({ name, hosts: hosts.filter((host) => own.includes(host)) }))
      .filter((group) => group.hosts.length > 0),
  roll: async (group, job) => {
    const pair = pairs.find(({ name }) => name === group);
    if (pair === undefined) throw new Error(`${group} is no pair`);
    await rollPair(pair, job, settings, world);
  },
});

const TOGETHER = { journal: false, held: new Set<string>() } as const;

const rollPair = async (
  pair: RollPair,
  job: RollJob,
  settings: RollSettings,
  world: RollWorld,
): Promise<void> => {
  const plans = await job.plan();
  const unfinished = await journalsOf(job);
  const idle = [...plans.values()].every((plan) => isIdle(plan)) && unfinished.size === 0;
  if (idle && !(settings.proveFailover && job.mode === "apply")) return job.run(job.hosts, TOGETHER);
  if (job.mode === "check") await job.run(job.hosts, TOGETHER);
  else await takePartAgain(job, unfinished);
  const nodes = await survey(pair, job);
  const roll = rollOf({ pair, job, world, settings, plans, nodes, unfinished });
  tellPlan(roll);
  const refusal = refusalOf(roll);
  if (refusal !== null) return refuse(roll, refusal);
  // The rules are a large part of the program: they are loaded where a pair is changed.
  const { lintFirst } = await import("./lint-first.ts");
  await lintFirst(roll);
  if (job.mode === "check") return;
  const watch = await watchContinuity(roll);
  try {
    await tryChanges(roll);
    await performOrder(roll);
    await settle(roll);
    if (settings.proveFailover) await proveFailover(roll);
    for (const host of job.hosts) await onNode(host, () => job.endJournal(host));
  } catch (error) {
    if (!(error instanceof RollFailure)) throw error;
    await putBack(roll, error);
  } finally {
    await watch.end();
  }
};

/** Nothing would be changed, and nothing is left to a run to find out. */
const isIdle = ({ changes, unknown, failure }: HostPlan): boolean =>
  changes.length === 0 && unknown.length === 0 && failure === null;

interface RollStart extends Pick<Roll, "pair" | "job" | "world" | "settings" | "plans"> {
  readonly nodes: readonly LiveNode[];
  readonly unfinished: ReadonlyMap<string, RollNote | null>;
}

const rollOf = ({ nodes, unfinished, ...start }: RollStart): Roll => {
  const { job, plans } = start;
  const before = new Map(nodes.map((node) => [node.name, node]));
  const impacts = job.hosts.map((host) => {
    const plan = plans.get(host) ?? NO_PLAN;
    const node = before.get(host);
    return impactOf(host, plan, filesOf(node ?? null));
  });
  const resumes = resumedOrder(unfinished);
  const done = new Set(job.hosts.filter((host) => resumes !== null && plans.get(host)?.changes.length === 0));
  const addresses = allAddresses(nodes);
  const held = new Map(nodes.map((node) => [node.name, heldBy(node, addresses)]));
  return {
    ...start,
    before,
    impacts: new Map(impacts.map((impact) => [impact.host, impact])),
    decision: decide({
      impacts,
      held: new Map([...held].map(([host, own]) => [host, own.length])),
      resumes,
      done,
      takers: takersOf({ ...start.pair, nodes: nodes.map((node) => nodeAfter(node, impacts)) }, held),
    }),
    done,
    addresses: { before: addresses, after: addressesAfter(impacts, nodes) },
  };
};

/** What decides elections, as it will be: a node that is not changed has what it has. */
const nodeAfter = ({ name, keepalived }: LiveNode, impacts: readonly Impact[]): PairNode => {
  const files = impacts.find(({ host }) => host === name)?.after.keepalived ?? [];
  return {
    name,
    haproxy: null,
    keepalived: files.length === 0 ? keepalived : keepalivedConfig(files, name),
    facts: null,
  };
};

const NO_PLAN: HostPlan = { changes: [], unknown: [], failure: null };

/** What a run that died here had decided, where the order matters. */
const resumedOrder = (unfinished: ReadonlyMap<string, RollNote | null>): Order | null =>
  [...unfinished.values()]
    .map((note) => note?.order)
    .find((order) => order === "stop standby" || order === "overlap") ?? null;

/** A run that died in the middle of a handover may have left the former owner drained. */
const takePartAgain = async (
  job: RollJob,
  unfinished: ReadonlyMap<string, RollNote | null>,
): Promise<void> => {
  for (const [host, note] of unfinished) {
    const { undo } = note ?? { undo: null };
    if (undo !== null) await unlessLost(() => job.act(host, undo));
  }
};

const addressesAfter = (impacts: readonly Impact[], nodes: readonly LiveNode[]): readonly string[] => {
  const planned = impacts.flatMap(({ after }) =>
    keepalivedConfig(after.keepalived).instances.flatMap(({ virtualAddresses }) =>
      virtualAddresses.map(({ address }) => address),
    ),
  );
  return planned.length > 0 ? [...new Set(planned)] : allAddresses(nodes);
};

/** Journals that runs which died have left, by host, with their notes. */
const journalsOf = async (job: RollJob): Promise<ReadonlyMap<string, RollNote | null>> => {
  const found = new Map<string, RollNote | null>();
  for (const host of job.hosts) {
    const note = await unlessLost(() => job.openJournal(host));
    if (note !== null) found.set(host, parseNote(note));
  }
  return found;
};

/** A node that is not reached now is told by the survey, and by its first task. */
const unlessLost = async <T>(work: () => Promise<T>): Promise<T | null> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TransportError) return null;
    throw error;
  }
};

const tellPlan = ({ pair, job, plans, impacts, decision }: Roll): void => {
  const lines = [
    ...job.hosts.map((host) => `${host}: ${impactText(impacts.get(host), plans.get(host))}`),
    `${job.mode === "check" ? "would be rolled" : "is rolled"} ${decision.order}: ${consequence(decision)}${reasonText(decision)}`,
  ];
  job.report({
    group: pair.name,
    host: null,
    step: "plan",
    status: "ok",
    message: lines.join("\n"),
    data: {
      order: decision.order,
      sequence: [...decision.sequence],
      reasons: [...decision.reasons],
      hosts: Object.fromEntries(
        [...impacts].map(([host, { haproxy, keepalived, cuts }]) => [
          host,
          { haproxy, keepalived, cuts: [...cuts] },
        ]),
      ),
    },
  });
};

const reasonText = ({ order, reasons }: Decision): string =>
  order === "in place" || reasons.length === 0 ? "" : ` (${reasons.join("; ")})`;

const impactText = (impact: Impact | undefined, plan: HostPlan | undefined): string => {
  if (impact === undefined || plan === undefined || !impact.changes) return "nothing changes";
  const tasks = new Set(plan.changes.map(({ task }) => task.id)).size;
  const parts = [
    `${tasks} ${tasks === 1 ? "task changes" : "tasks change"} it`,
    ...(plan.unknown.length > 0 ? [`${plan.unknown.length} can only be told by running them`] : []),
    ...(impact.haproxy === "none" ? [] : [`HAProxy ${impact.haproxy}`]),
    ...(impact.keepalived === "none" ? [] : [`keepalived ${KEEPALIVED[impact.keepalived]}`]),
    ...(impact.cuts.length > 0 ? [`touches ${impact.cuts.join(" and ")}: guarded`] : []),
    ...(plan.failure === null ? [] : [`"${plan.failure.task.name}" would fail: ${plan.failure.message}`]),
  ];
  return parts.join(", ");
};

const KEEPALIVED = {
  none: "",
  reload: "reload",
  wire: "reload that the other node does not understand until it has it too",
  reinit: "reload that begins its instance anew",
  restart: "restart",
} as const;

/** Why a pair is not to be touched now; null: it may be. */
const refusalOf = (roll: Roll): string | null => {
  const { job, pair, decision, before, settings, impacts } = roll;
  const lost = [...before.values()].flatMap(({ name, seen }) =>
    seen.kind === "unreachable" ? [`${name} is not reached (${seen.reason})`] : [],
  );
  const partial = pair.hosts.filter((host) => !job.hosts.includes(host));
  if ((decision.order === "stop standby" || decision.order === "overlap") && partial.length > 0)
    return `${partial.join(" and ")} is not part of this run, and what is sent between the nodes changes: run it for the whole pair`;
  if (settings.allowUnfit || decision.order === "build") return null;
  const owner = before.get(decision.sequence.at(-1) ?? "");
  if (owner === undefined || impacts.get(owner.name)?.changes !== true) return null;
  if (lost.length > 0) return `${lost.join("; ")}: nobody could take over`;
  const others = [...before.values()].filter(({ name }) => name !== owner.name);
  const reasons = others.map((node) => ({ node, why: unfitness(node, owner, { running: true }) }));
  const hopeful = reasons.some(
    ({ node, why }) => why.length === 0 || impacts.get(node.name)?.changes === true,
  );
  if (others.length === 0 || hopeful) return null;
  return reasons.map(({ node, why }) => `${node.name} could not take over: ${why.join("; ")}`).join("; ");
};

const refuse = ({ job, pair }: Roll, message: string): void => {
  job.report({
    group: pair.name,
    host: null,
    step: "refused",
    status: job.mode === "check" ? "warning" : "failed",
    message: `${message}\nMend that first (lbplay status says more), or say --allow-unfit to go on all the same`,
    data: null,
  });
  if (job.mode === "check") return;
  for (const host of job.hosts) job.drop(host, "failed");
};
