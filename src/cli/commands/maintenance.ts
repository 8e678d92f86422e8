import { LbplayError } from "../../core/error.ts";
import type { Json } from "../../core/value.ts";
import type { Nodes } from "../../engine/nodes.ts";
import { takesBack } from "../../lb/live/handover.ts";
import { type LiveNode, stateOf } from "../../lb/live/node.ts";
import { drainedBy } from "../../lb/live/node-health.ts";
import { planOut, rejoinScript } from "../../lb/live/out.ts";
import { pairHealth } from "../../lb/live/pair-health.ts";
import { findServer, hasPart, serverScript } from "../../lb/live/server-state.ts";
import { confirm } from "../confirm.ts";
import { EXIT } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { chosenPair, chosenPairs, lookAt } from "../live-pair.ts";
import { type Live, withNodes } from "../nodes.ts";
import type { InventoryPair } from "../pairs.ts";
import type { MaintenanceOptions } from "../run-options.ts";
import { createSpeech, type Speech } from "../speech.ts";
import { performSwitch, runOn, settled } from "../switch.ts";
import { planSwitch } from "../switch-plan.ts";
import { planText } from "../switch-text.ts";

type NodeWork = Extract<MaintenanceOptions["work"], { readonly kind: "node" }>;
type ServerWork = Extract<MaintenanceOptions["work"], { readonly kind: "server" }>;

/** Takes a node out of its pair, or a server out of rotation, or back. */
export const maintenance = (options: MaintenanceOptions, io: Io): Promise<number> =>
  withNodes(options.live, io, (live) => work(options, live, io), "maintenance");

const work = async (options: MaintenanceOptions, live: Live, io: Io): Promise<number> => {
  const speech = createSpeech(options.output, live.redactor, io);
  const wish = options.work;
  const pair =
    wish.kind === "server"
      ? await chosenPair(live, options.pair)
      : await pairOfNode(live, options.pair, wish.node);
  const nodes = live.lock(pair.hosts, options.breakLock);
  const seen = await lookAt(nodes.all, options.live.forks);
  const task: Task = { options, nodes, seen, speech, io };
  if (wish.kind === "server") return changeServer(wish, task);
  return wish.action === "on" ? putOut(wish, task) : letIn(wish, task);
};

interface Task {
  readonly options: MaintenanceOptions;
  readonly nodes: Nodes;
  readonly seen: readonly LiveNode[];
  readonly speech: Speech;
  readonly io: Io;
}

const pairOfNode = async (live: Live, name: string | null, node: string): Promise<InventoryPair> => {
  const pairs = await chosenPairs(live, name);
  const pair = pairs.find(({ hosts }) => hosts.includes(node));
  if (pair !== undefined) return pair;
  throw new LbplayError({
    code: "E_USAGE",
    message: `${node} is in no pair`,
    hint: `nodes of pairs are ${pairs.flatMap(({ hosts }) => hosts).join(", ")}`,
  });
};

/** The node that is meant, when it was reached. */
const reached = (seen: readonly LiveNode[], name: string): LiveNode | null =>
  seen.find((node) => node.name === name && node.seen.kind === "seen") ?? null;

const putOut = async ({ node: name }: NodeWork, task: Task): Promise<number> => {
  const { options, nodes, seen, speech, io } = task;
  const node = reached(seen, name);
  if (node === null) return unreachable(name, task);
  const words = options.reason === null ? io.owner : `${io.owner}: ${options.reason}`;
  const out = planOut(node, words);
  const owns = pairHealth(seen).addresses.some(({ owners }) => owners.includes(name));
  if (owns) {
    const plan = planSwitch(seen, null);
    if (plan.kind !== "move") {
      const why = plan.kind === "refused" ? plan.reasons.join("; ") : `${plan.to} has the addresses`;
      return finish(task, `${name} has addresses, and nobody can take them: ${why}`);
    }
    speech.say(planText(plan.handover));
    await confirm(`Hand over from ${name} to ${plan.to.name}?`, options, io);
    // It is to stay out, whatever would become of it after a mere switchover.
    const handover = { ...plan.handover, rejoin: { ...plan.handover.rejoin, when: "later" as const } };
    const tools = { nodes, forks: options.live.forks, continuity: null };
    const { outcome, worse } = await performSwitch({ ...plan, handover }, seen, tools);
    if (outcome.kind === "undone") return finish(task, `${outcome.reason}; everything was taken back`);
    const serious = worse.filter((problem) => !problem.startsWith(`${name}: `));
    if (serious.length > 0) speech.say(`note: ${serious.join("; ")}`);
    speech.say(`${plan.to.name} has ${handover.addresses.join(", ")}`);
  }
  const { code, stderr } = await runOn(nodes, name, out.script);
  if (code !== 0) return finish(task, `${name}: ${stderr.trim()}`);
  speech.say(
    `${name} is in maintenance: it owns no address until lbplay maintenance off ${name}, or a boot (${out.path === null ? "its keepalived is stopped" : `${out.path} says so`})`,
  );
  return finish(task, null);
};

const letIn = async ({ node: name }: NodeWork, task: Task): Promise<number> => {
  const { options, nodes, seen, speech, io } = task;
  const node = reached(seen, name);
  if (node === null) return unreachable(name, task);
  const state = stateOf(node);
  if (
    state !== null &&
    state.out === null &&
    drainedBy(node).length === 0 &&
    state.keepalived.mainPid !== null
  ) {
    speech.say(`${name} takes part already`);
    return finish(task, null);
  }
  const owner = seen.find((other) => other.name === pairHealth(seen).owner);
  if (owner !== undefined && owner.name !== name && takesBack(node, owner)) {
    speech.say(`${name} has the higher priority: it will take the addresses from ${owner.name}`);
    await confirm(`Let ${name} take part?`, options, io);
  }
  const { code, stderr } = await runOn(nodes, name, rejoinScript(node));
  if (code !== 0) return finish(task, `${name}: ${stderr.trim()}`);
  const tools = { nodes, forks: options.live.forks };
  const after = await settled(tools, (looked) => {
    const again = reached(looked, name);
    const instances = (again === null ? null : stateOf(again))?.keepalived.instances ?? [];
    return instances.length > 0 && instances.every(({ state: now }) => now === "BACKUP" || now === "MASTER");
  });
  const now = reached(after, name);
  const instances = (now === null ? null : stateOf(now))?.keepalived.instances ?? [];
  const waiting = instances.filter(({ state: one }) => one !== "BACKUP" && one !== "MASTER");
  if (instances.length === 0 || waiting.length > 0) {
    const problems = pairHealth(after).problems.filter((problem) => problem.node === name);
    return finish(
      task,
      `${name} does not take part yet: ${problems.map(({ message }) => message).join("; ") || "lbplay status says more"}`,
    );
  }
  speech.say(
    `${name} takes part again: ${instances.map(({ name: one, state: is }) => `${one} ${is}`).join(", ")}`,
  );
  return finish(task, null);
};

const changeServer = async ({ action, backend, server }: ServerWork, task: Task): Promise<number> => {
  const { options, nodes, seen, speech } = task;
  const id = `${backend}/${server}`;
  const there = seen.filter((node) => node.seen.kind === "seen");
  const failures: string[] = [];
  for (const node of there) {
    const failure = await changeOn(node, id, action, task);
    if (failure !== null) failures.push(`${node.name}: ${failure}`);
  }
  const after = await lookAt(nodes.all, options.live.forks);
  for (const node of after) {
    const state = stateOf(node);
    const now = state === null ? null : findServer(state.haproxy, id);
    if (now === null || failures.some((failure) => failure.startsWith(`${node.name}: `))) continue;
    speech.say(`${node.name}: ${id} is ${now.status}, with ${now.sessions} sessions`);
    if (!hasPart(now, action)) failures.push(`${node.name}: ${id} is ${now.status}, not ${action}`);
  }
  const dark = seen.filter((node) => node.seen.kind === "unreachable").map(({ name }) => name);
  if (failures.length > 0) return finish(task, failures.join("; "));
  if (dark.length === 0) return finish(task, null);
  finish(task, `${dark.join(" and ")} was not reached, and has ${id} as before`);
  return EXIT.unreachable;
};

/** Changes a server on a node; why that failed, or null. */
const changeOn = async (
  node: LiveNode,
  id: string,
  action: ServerWork["action"],
  { nodes }: Task,
): Promise<string | null> => {
  const state = stateOf(node);
  if (state === null) return "was not reached";
  const { stats } = state.haproxy;
  if (stats.kind === "silent") return stats.reason;
  if (findServer(state.haproxy, id) === null) {
    const known = stats.servers.map(({ backend, name }) => `${backend}/${name}`).join(", ");
    return `there is no server ${id}; there are ${known === "" ? "none" : known}`;
  }
  const script = serverScript(state.haproxy, id, action);
  if (script === null) return "HAProxy has no stats socket";
  const { code, stderr } = await runOn(nodes, node.name, script);
  if (code === 0) return null;
  return /permission denied/i.test(stderr)
    ? `the stats socket may not change anything: add "level admin" to its line in haproxy.cfg`
    : stderr.trim();
};

const unreachable = (name: string, task: Task): number => {
  const { seen } = task.seen.find((node) => node.name === name) ?? {};
  finish(task, `${name} was not reached${seen?.kind === "unreachable" ? `: ${seen.reason}` : ""}`);
  return EXIT.unreachable;
};

const finish = ({ options, speech }: Task, failure: string | null): number => {
  if (failure !== null) speech.fail(failure);
  const { work: wish } = options;
  const what: Json =
    wish.kind === "node"
      ? { node: wish.node, action: wish.action }
      : { server: `${wish.backend}/${wish.server}`, action: wish.action };
  speech.result({ ...what, done: failure === null, failure });
  return failure === null ? EXIT.ok : EXIT.failed;
};
