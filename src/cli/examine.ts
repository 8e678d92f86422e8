import { all } from "../core/probe.ts";
import { type Node, probeNodes } from "../engine/nodes.ts";
import type { Examined } from "../lb/diagnose/cause.ts";
import { lookOf } from "../lb/diagnose/look.ts";
import { symptomsProbe } from "../lb/diagnose/symptoms.ts";
import { haproxyConfig } from "../lb/haproxy/read-config.ts";
import { keepalivedConfig } from "../lb/keepalived/read-config.ts";
import { keepalivedProbe } from "../lb/live/keepalived.ts";
import { type LiveNode, stateOf } from "../lb/live/node.ts";
import type { LiveFile } from "../lb/live/state.ts";
import { factsProbe } from "../lb/pair/facts-probe.ts";
import type { PairNode } from "../lb/pair/pair.ts";
import { lookAt } from "./live-pair.ts";

/** A node that has not told everything by then has not told anything, in milliseconds. */
const LIMIT_MS = 60_000;

/**
 * All that can be found out of nodes, in two trips to each: how they are, and, seconds later, what only trying tells.
 * A node that is lost is part of the answer.
 */
export const examine = async (
  nodes: readonly Node[],
  width: number,
  clock: () => number,
): Promise<readonly Examined[]> => {
  const lives = new Map((await lookAt(nodes, width)).map((live) => [live.name, live]));
  const reached = nodes.filter(({ name }) => {
    const live = lives.get(name);
    return live !== undefined && stateOf(live) !== null;
  });
  const configured = new Map([...lives].map(([name, live]) => [name, pairNode(live)]));
  const answers = await probeNodes(
    reached,
    width,
    ({ name }) => {
      const node = configured.get(name) ?? { name, haproxy: null, keepalived: null, facts: null };
      return all({
        facts: factsProbe(node, clock),
        symptoms: symptomsProbe(lookOf(node.haproxy, node.keepalived)),
        after: keepalivedProbe,
      });
    },
    LIMIT_MS,
  );
  return [...lives].map(([name, live]): Examined => {
    const answer = answers.get(name);
    const node = configured.get(name);
    if (answer?.kind !== "answered" || node === undefined)
      return { live, node: null, symptoms: null, after: null };
    const { facts, symptoms, after } = answer.value;
    return { live, node: { ...node, facts }, symptoms, after };
  });
};

/** A node's configurations, with its name before their paths; facts are not known yet. */
export const pairNode = (live: LiveNode): PairNode => {
  const state = stateOf(live);
  const named = (files: readonly LiveFile[]): readonly LiveFile[] =>
    files.map(({ path, text }) => ({ path: `${live.name}:${path}`, text }));
  const haproxy = state?.haproxy.config ?? [];
  const keepalived = state?.keepalived.config ?? [];
  return {
    name: live.name,
    haproxy: haproxy.length === 0 ? null : haproxyConfig(named(haproxy)),
    keepalived: keepalived.length === 0 ? null : keepalivedConfig(named(keepalived), live.name.split(".")[0]),
    facts: null,
  };
};
