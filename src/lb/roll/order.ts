import type { Impact } from "./impact.ts";

/**
 * In which way a pair is changed:
 * `build`: nobody has the addresses, so there is nothing to keep up;
 * `in place`: standby first, then the owner, which keeps the addresses;
 * `stop standby`: keepalived of the standby is stopped, the owner reloads, then the standby starts with the new
 * configuration, since neither would accept the other's adverts in between;
 * `overlap`: the standby starts anew and takes the addresses beside the owner, which then is changed; for what a reload
 * of the owner would drop the addresses for;
 * `handover`: the standby is changed, takes the addresses over, then the former owner is changed.
 */
export type Order = "build" | "in place" | "stop standby" | "overlap" | "handover";

/** The decision, and why. */
export interface Decision {
  readonly order: Order;
  /** Hosts in the order in which they are changed: standbys, then owners. */
  readonly sequence: readonly string[];
  readonly reasons: readonly string[];
  /** Nodes that take addresses from their owner by themselves once all have their new configuration. */
  readonly takers: readonly string[];
}

/** What is known before a pair is changed. */
export interface Standing {
  readonly impacts: readonly Impact[];
  /** Hosts to how many of the pair's virtual addresses they have. */
  readonly held: ReadonlyMap<string, number>;
  /** The order of a run that died in the middle; null where none did. */
  readonly resumes: Order | null;
  /** Hosts that such a run is through with. */
  readonly done: ReadonlySet<string>;
  /** Nodes that outrank an owner, and preempt, by their configuration to be. */
  readonly takers: readonly string[];
}

/** How the changes of a plan are rolled. */
export const decide = ({ takers, ...standing }: Standing): Decision => ({ ...orderOf(standing), takers });

const orderOf = ({ impacts, held, resumes, done }: Omit<Standing, "takers">): Omit<Decision, "takers"> => {
  const hosts = impacts.map(({ host }) => host);
  const addresses = (host: string): number => held.get(host) ?? 0;
  const sequence = hosts.toSorted((a, b) => addresses(a) - addresses(b));
  const owners = impacts.filter(({ host }) => addresses(host) > 0);
  if (resumes !== null && owners.length > 0) {
    const through = hosts.filter((host) => done.has(host)).toSorted((a, b) => addresses(b) - addresses(a));
    const open = sequence.filter((host) => !done.has(host));
    return {
      order: resumes,
      sequence: resumes === "overlap" ? [...through, ...open] : sequence,
      reasons: ["a run that died here began so"],
    };
  }
  if (owners.length === 0) return { order: "build", sequence: hosts, reasons: ["nobody has the addresses"] };
  const [order, cause] = orderFor(owners);
  if (order !== "in place" && hosts.length < 2)
    return { order: "in place", sequence, reasons: ["there is no other node"] };
  return { order, sequence, reasons: cause };
};

const orderFor = (owners: readonly Impact[]): readonly [Order, readonly string[]] => {
  const reasons = owners.flatMap((owner) => owner.reasons);
  const restarts = owners.some(
    ({ haproxy, keepalived }) => haproxy === "restart" || keepalived === "restart",
  );
  if (owners.some(({ keepalived }) => keepalived === "reinit")) return ["overlap", reasons];
  if (owners.some(({ keepalived }) => keepalived === "wire"))
    return restarts ? ["overlap", reasons] : ["stop standby", reasons];
  return restarts ? ["handover", reasons] : ["in place", reasons];
};

/** What a decision means for whoever uses the virtual addresses, in one sentence. */
export const consequence = ({ order, sequence, takers }: Decision): string => {
  const last = sequence.at(-1) ?? "";
  const first = sequence.slice(0, -1).join(", ");
  const by = takers.join(" and ");
  switch (order) {
    case "build":
      return "the pair is built; the addresses come up at its end";
    case "in place":
      if (by !== "")
        return `${sequence.join(" first, then ")}; ${by} takes virtual addresses by itself then: it has the highest priority and preempts`;
      return first === ""
        ? `${last} is changed; the virtual addresses stay`
        : `${first} first, then ${last}; the virtual addresses stay where they are`;
    case "stop standby":
      return `keepalived of ${first} stops, ${last} reloads, then ${first} starts: the virtual addresses stay, and for some seconds nobody could take them over`;
    case "overlap":
      return `${first} starts with the new configuration and takes the virtual addresses beside ${last}, then ${last} is changed: new connections go on, open ones break once`;
    case "handover":
      return `${first} first, then the virtual addresses move there, then ${last}: open connections break once`;
  }
};
