import type { Expectation } from "../lb/roll/gates.ts";
import { changeNode, daemonsOf, report, systemctl } from "./change-node.ts";
import { passGate } from "./gate.ts";
import { handOver } from "./handover.ts";
import { noteText } from "./note.ts";
import { onNode } from "./on-node.ts";
import { type Roll, RollFailure } from "./parts.ts";

/** Changes the nodes of a pair in the order that was decided. Throws RollFailure; what was changed then is put back by the caller. */
export const performOrder = async (roll: Roll): Promise<void> => {
  switch (roll.decision.order) {
    case "build":
      return build(roll);
    case "in place":
      return inPlace(roll);
    case "stop standby":
      return stopStandby(roll);
    case "overlap":
      return overlap(roll);
    case "handover":
      return withHandover(roll);
  }
};

/**
 * Nobody is served yet. One node after the other, so that the first one has the addresses in the end; what went wrong stays
 * for whoever looks at it.
 */
const build = async (roll: Roll): Promise<void> => {
  const { job } = roll;
  for (const host of roll.decision.sequence) {
    await job.run([host], { journal: false, held: new Set() });
    if (job.standing(host) !== "active") throw new RollFailure(host, "a task failed", { told: true });
    await passGate(roll, host, { role: "any", addresses: [], ...daemonsOf(roll, host) });
  }
};

const inPlace = async (roll: Roll): Promise<void> => {
  for (const host of roll.decision.sequence)
    await changeNode(roll, host, { held: [], expected: asBefore(roll, host) });
};

/** Neither node would accept the other's adverts in between: so there is only one that sends any. */
const stopStandby = async (roll: Roll): Promise<void> => {
  const { standbys, owner } = partsOf(roll);
  for (const host of standbys) await stopKeepalived(roll, host);
  for (const host of standbys)
    await changeNode(roll, host, { held: ["keepalived"], expected: haproxyOnly(roll, host) });
  await changeNode(roll, owner, { held: [], expected: haproxyOnly(roll, owner) });
  if (changesFiles(roll, owner)) await systemctl(roll, owner, "reload", "keepalived");
  await passGate(roll, owner, { role: "owner", addresses: roll.addresses.after, ...daemonsOf(roll, owner) });
  for (const host of standbys) await startKeepalived(roll, host);
  for (const host of standbys)
    await passGate(roll, host, {
      role: unlessTaken(roll, "standby"),
      addresses: roll.addresses.after,
      ...daemonsOf(roll, host),
    });
};

/**
 * The standby takes the addresses beside the owner, whose adverts mean nothing to it any more. What a run that died here
 * was through with stays as it is.
 */
const overlap = async (roll: Roll): Promise<void> => {
  const [first, ...others] = roll.decision.sequence;
  if (first === undefined || others.length === 0) return inPlace(roll);
  const standbys = others.slice(0, -1);
  for (const host of standbys) if (!roll.done.has(host)) await stopKeepalived(roll, host);
  await changeApart(roll, first);
  await passGate(roll, first, { role: "owner", addresses: roll.addresses.after, ...daemonsOf(roll, first) });
  report(roll, first, "overlap", "it has the virtual addresses; now the others get the new configuration");
  for (const host of [...others].reverse()) {
    await changeApart(roll, host);
    await passGate(roll, host, { role: "any", addresses: [], ...daemonsOf(roll, host) });
  }
};

/** Changes a node while its keepalived is stopped, and starts it then. */
const changeApart = async (roll: Roll, host: string): Promise<void> => {
  if (!roll.done.has(host)) {
    await stopKeepalived(roll, host);
    await changeNode(roll, host, { held: ["keepalived"], expected: haproxyOnly(roll, host) });
  }
  await startKeepalived(roll, host);
};

const withHandover = async (roll: Roll): Promise<void> => {
  const { standbys, owner } = partsOf(roll);
  const [first] = standbys;
  if (first === undefined) return inPlace(roll);
  for (const host of standbys)
    await changeNode(roll, host, {
      held: [],
      expected: {
        role: unlessTaken(roll, "standby"),
        addresses: roll.addresses.after,
        ...daemonsOf(roll, host),
      },
    });
  const handover = await handOver(roll, owner, first);
  await changeNode(roll, owner, { held: [], expected: haproxyOnly(roll, owner) });
  await handover.rejoin();
  await passGate(roll, owner, { role: "any", addresses: [], ...daemonsOf(roll, owner) });
};

/** Standbys, and the node that is changed last, because it has most of the addresses. */
const partsOf = ({ decision }: Roll): { readonly standbys: readonly string[]; readonly owner: string } => {
  const owner = decision.sequence.at(-1);
  if (owner === undefined) throw new Error("a pair without nodes");
  return { standbys: decision.sequence.slice(0, -1), owner };
};

const asBefore = (roll: Roll, host: string) => {
  const had = roll.addresses.before.filter((address) => holds(roll, host, address));
  const role = had.length === 0 ? "standby" : had.length === roll.addresses.before.length ? "owner" : "any";
  const split = roll.addresses.before.some((address) => ownersOf(roll, address) !== 1);
  return {
    role: split ? ("any" as const) : unlessTaken(roll, role),
    addresses: roll.addresses.after,
    ...daemonsOf(roll, host),
  };
};

/** A node that preempts takes the addresses at a time of its own, while the roll is still at work. */
const unlessTaken = ({ decision }: Roll, role: Expectation["role"]): Expectation["role"] =>
  decision.takers.length > 0 ? "any" : role;

const holds = (roll: Roll, host: string, address: string): boolean => {
  const seen = roll.before.get(host)?.seen;
  return seen?.kind === "seen" && seen.state.addresses.has(address);
};

const ownersOf = (roll: Roll, address: string): number =>
  [...roll.before.keys()].filter((host) => holds(roll, host, address)).length;

const haproxyOnly = (roll: Roll, host: string) => ({
  role: "any" as const,
  addresses: [],
  haproxy: daemonsOf(roll, host).haproxy,
  keepalived: false,
});

const changesFiles = (roll: Roll, host: string): boolean => roll.impacts.get(host)?.keepalived !== "none";

const stopKeepalived = async (roll: Roll, host: string): Promise<void> => {
  await onNode(host, () => roll.job.beginJournal(host, noteText(roll.decision.order)));
  await systemctl(roll, host, "stop", "keepalived");
  report(roll, host, "hold", "keepalived is stopped until its turn has come");
};

const startKeepalived = async (roll: Roll, host: string): Promise<void> => {
  await systemctl(roll, host, "start", "keepalived");
  report(roll, host, "release", "keepalived is started with the new configuration");
};
