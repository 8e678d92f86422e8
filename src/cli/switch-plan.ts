import { LbplayError } from "../core/error.ts";
import { type Handover, planHandover } from "../lb/live/handover.ts";
import { allAddresses, heldBy, type LiveNode, stateOf } from "../lb/live/node.ts";
import { drainedBy } from "../lb/live/node-health.ts";
import { pairHealth, unfitness } from "../lb/live/pair-health.ts";

/** What a switchover would do. */
export type SwitchPlan =
  | { readonly kind: "there"; readonly to: string }
  | Move
  | { readonly kind: "refused"; readonly reasons: readonly string[] };

/** A handover that can be done. */
export interface Move {
  readonly kind: "move";
  readonly from: LiveNode;
  readonly to: LiveNode;
  /** The other node was kept out by a switchover or a drain file, and is let in before. */
  readonly joining: boolean;
  readonly handover: Handover;
}

/** Decides who gets the addresses of a pair, and whether that is safe now. */
export const planSwitch = (nodes: readonly LiveNode[], wanted: string | null): SwitchPlan => {
  const health = pairHealth(nodes);
  const torn = health.addresses.filter(({ owners }) => owners.length !== 1);
  if (health.addresses.length === 0) return refused("no virtual address of this pair is known");
  if (torn.length > 0)
    return refused(
      ...torn.map(
        ({ address, owners }) => `${address} is on ${owners.length === 0 ? "no node" : owners.join(" and ")}`,
      ),
    );
  const to = targetOf(nodes, wanted, health.owner, health.standby);
  const [from, ...others] = giversOf(nodes, to.name);
  if (from === undefined) return { kind: "there", to: to.name };
  if (others.length > 0)
    return refused(
      `${[from, ...others].map(({ name }) => name).join(" and ")} have addresses: name one node with --to after the other`,
    );
  const out = stateOf(to)?.out ?? null;
  const joining = out?.cause === "switchover" || (out === null && drainedBy(to).length > 0);
  const reasons = [...unfitness(to, from, { joining }), ...rivals(nodes, from, to)];
  if (reasons.length > 0)
    return refused(...reasons.map((reason) => `${to.name} is not fit to take over: ${reason}`));
  return { kind: "move", from, to, joining, handover: planHandover(from, to) };
};

const refused = (...reasons: readonly string[]): SwitchPlan => ({ kind: "refused", reasons });

const targetOf = (
  nodes: readonly LiveNode[],
  wanted: string | null,
  owner: string | null,
  standby: string | null,
): LiveNode => {
  const name = wanted ?? standby ?? nodes.find((node) => node.name !== owner)?.name;
  const node = nodes.find((one) => one.name === name);
  if (node !== undefined) return node;
  throw new LbplayError({
    code: "E_USAGE",
    message: wanted === null ? "this pair has only one node" : `${wanted} is no node of this pair`,
    hint: `its nodes are ${nodes.map((one) => one.name).join(", ")}`,
  });
};

/** Others that would win the election. */
const rivals = (nodes: readonly LiveNode[], from: LiveNode, to: LiveNode): readonly string[] =>
  nodes
    .filter((node) => node !== from && node !== to && unfitness(node, from).length === 0)
    .filter((node) => strongest(node) > strongest(to))
    .map(
      ({ name }) =>
        `${name} has a higher priority and would take ${allAddresses(nodes).join(", ")}: lbplay maintenance on ${name} first`,
    );

const strongest = (node: LiveNode): number =>
  Math.max(
    0,
    ...(stateOf(node)?.keepalived.instances.map(({ effectivePriority }) => effectivePriority ?? 0) ?? []),
  );

/** The nodes other than `to` that have addresses. */
const giversOf = (nodes: readonly LiveNode[], to: string): readonly LiveNode[] =>
  nodes.filter((node) => node.name !== to && heldBy(node, allAddresses(nodes)).length > 0);
