import type { Handover } from "./handover.ts";

/** Ways to two nodes, and the time. */
export interface Hands {
  /** All addresses that a node has this moment. */
  readonly addresses: (node: string) => Promise<ReadonlySet<string>>;
  /** Runs a script as root; a failure is a value. */
  readonly run: (node: string, script: string) => Promise<{ readonly code: number; readonly stderr: string }>;
  /** Milliseconds, from wherever. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** What became of a handover. */
export type HandoverOutcome =
  | {
      readonly kind: "moved";
      /** Milliseconds until `to` had all addresses and `from` none, as seen from here. */
      readonly afterMs: number;
      /** Whether both were seen with an address at the same look. */
      readonly shared: boolean;
    }
  /** Taken back: the addresses did not arrive in time, or could not be given away. */
  | { readonly kind: "undone"; readonly reason: string };

/** Between two looks; each look is a round trip more. */
const POLL_MS = 20;

/**
 * Hands over, when the other node takes part: gives the addresses away and waits for them on the other node; takes everything back when they do not come
 * in time. Where the former owner stays a standby it takes part again at once.
 */
export const performHandover = async (handover: Handover, hands: Hands): Promise<HandoverOutcome> => {
  if (handover.readyInMs > 0) await hands.sleep(handover.readyInMs);
  const began = hands.now();
  const given = await hands.run(handover.from, handover.give);
  if (given.code !== 0) return undo(handover, hands, `${handover.from}: ${given.stderr.trim()}`);
  const moved = await arrival(handover, hands, began);
  if (moved === null) {
    const late = `${handover.addresses.join(", ")} did not get to ${handover.to} in ${Math.round(handover.deadlineMs)} ms`;
    return undo(handover, hands, late);
  }
  if (handover.rejoin.when === "at-once") {
    const back = await hands.run(handover.from, handover.rejoin.script);
    if (back.code !== 0)
      return { kind: "undone", reason: `${handover.from} does not take part again: ${back.stderr.trim()}` };
  }
  return moved;
};

const arrival = async (
  { from, to, addresses, deadlineMs }: Handover,
  hands: Hands,
  began: number,
): Promise<Extract<HandoverOutcome, { readonly kind: "moved" }> | null> => {
  let shared = false;
  for (;;) {
    const [left, right] = await Promise.all([hands.addresses(from), hands.addresses(to)]);
    const afterMs = hands.now() - began;
    shared ||= addresses.some((address) => left.has(address) && right.has(address));
    if (addresses.every((address) => right.has(address) && !left.has(address)))
      return { kind: "moved", afterMs, shared };
    if (afterMs > deadlineMs) return null;
    await hands.sleep(POLL_MS);
  }
};

const undo = async (handover: Handover, hands: Hands, reason: string): Promise<HandoverOutcome> => {
  const undone = await hands.run(handover.from, handover.undo);
  const more = undone.code === 0 ? "" : `; and taking it back failed: ${undone.stderr.trim()}`;
  return { kind: "undone", reason: `${reason}${more}` };
};
