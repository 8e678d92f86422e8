import type { Pair } from "../pair/pair.ts";
import type { Span } from "./detection.ts";
import { type Consequence, consequence, harmful, type VrrpEvent } from "./events.ts";
import type { Member } from "./member.ts";
import { byPreference, type VirtualRouter, virtualRouters } from "./router.ts";

/** One row of the table: an event, who owns the addresses then, and what it costs. */
export interface Prediction {
  /** The instance, as the first node calls it. */
  readonly instance: string;
  readonly addresses: readonly string[];
  /** Who owns the addresses before. */
  readonly owner: string;
  readonly event: VrrpEvent["kind"];
  /** `haproxy dies on lb1`. */
  readonly what: string;
  /** An operator does it. */
  readonly planned: boolean;
  readonly outcome: "moves" | "stays" | "never" | "both" | "nobody";
  /** Who owns the addresses afterwards, in the pair's order; empty: nobody. */
  readonly owners: readonly string[];
  /** Milliseconds from the event until they have moved; null: they do not. */
  readonly moves: Span | null;
  /** Milliseconds without an answer; null: without end. */
  readonly outage: Span | null;
  /** How that is reckoned, or why nothing moves. */
  readonly formula: string;
}

/**
 * What every single failure and every planned change would cost. `owner` is who has the addresses before; null takes
 * for each instance the node that the election prefers. An instance that only one node has is left out.
 */
export const predict = (pair: Pair, owner: string | null = null): readonly Prediction[] =>
  virtualRouters(pair).flatMap((router) => {
    const [preferred] = byPreference(router);
    const holder = router.members.find(({ node }) => node.name === owner) ?? preferred;
    if (holder === undefined || router.members.length < 2) return [];
    return eventsOf(router, holder).map((event) => predictionOf(router, holder, event));
  });

/** The events of one owner: unplanned ones first, by how often they happen. */
export const eventsOf = (router: VirtualRouter, owner: Member): readonly VrrpEvent[] => {
  const effective = owner.trackers.filter(harmful);
  const drains = effective.filter(({ purpose }) => purpose === "drain");
  const others = effective.filter(({ purpose }) => purpose === "link" || purpose === "other");
  return [
    { kind: "haproxy", everywhere: false },
    ...others.map((tracker): VrrpEvent => ({ kind: "tracker", tracker })),
    { kind: "power" },
    { kind: "cable" },
    { kind: "partition" },
    { kind: "kill" },
    { kind: "haproxy", everywhere: true },
    ...drains.map((tracker): VrrpEvent => ({ kind: "drain", tracker })),
    { kind: "stop" },
    ...(router.members.length > 1 ? [{ kind: "return" } as const] : []),
  ];
};

const predictionOf = (router: VirtualRouter, owner: Member, event: VrrpEvent): Prediction => {
  const result = consequence(router, owner, event);
  const base = {
    instance: router.name,
    addresses: owner.instance.virtualAddresses.map(({ address }) => address),
    owner: owner.node.name,
    event: event.kind,
    what: whatText(event, owner),
    planned: event.kind === "drain" || event.kind === "stop" || event.kind === "return",
  };
  return { ...base, ...verdict(router, owner, event, result) };
};

type Verdict = Pick<Prediction, "outcome" | "owners" | "moves" | "outage" | "formula">;

const verdict = (router: VirtualRouter, owner: Member, event: VrrpEvent, result: Consequence): Verdict => {
  switch (result.kind) {
    case "moves":
      return {
        outcome: "moves",
        owners: [result.to.node.name],
        moves: result.after,
        outage: result.outage,
        formula: result.formula,
      };
    case "both": {
      const both = router.members.filter((member) => member === owner || member === result.to);
      return {
        outcome: "both",
        owners: both.map(({ node }) => node.name),
        moves: null,
        outage: result.outage,
        formula: result.formula,
      };
    }
    case "nobody":
      return { outcome: "nobody", owners: [], moves: null, outage: null, formula: result.reason };
    case "stays": {
      const holder = event.kind === "return" ? heir(router, owner) : owner;
      return {
        outcome: result.served ? "stays" : "never",
        owners: [holder.node.name],
        moves: null,
        outage: result.served ? { min: 0, max: 0 } : null,
        formula: result.reason,
      };
    }
  }
};

/** Who took over while the owner was away. */
const heir = (router: VirtualRouter, owner: Member): Member => {
  const taken = consequence(router, owner, { kind: "power" });
  return taken.kind === "moves" ? taken.to : owner;
};

const whatText = (event: VrrpEvent, { node, instance }: Member): string => {
  switch (event.kind) {
    case "haproxy":
      return event.everywhere ? "haproxy dies on all nodes" : `haproxy dies on ${node.name}`;
    case "tracker":
      return event.tracker.purpose === "link"
        ? `${event.tracker.name} on ${node.name} loses its link`
        : `${event.tracker.name} fails on ${node.name}`;
    case "drain":
      return `${node.name} is drained (${event.tracker.name})`;
    case "stop":
      return `keepalived is stopped on ${node.name}`;
    case "power":
      return `${node.name} loses power or hangs`;
    case "cable":
      return `${node.name} loses the link of ${instance.interface?.text ?? "its interface"}`;
    case "partition":
      return `${node.name} is cut off from the other nodes`;
    case "kill":
      return `keepalived is killed on ${node.name} (kill -9)`;
    case "return":
      return `${node.name} comes back after it had failed`;
  }
};
