import type { Span } from "./detection.ts";
import { type Candidate, demote, type Election, HANDOVER, type Refusal, resign, vanish } from "./election.ts";
import { type Member, standing } from "./member.ts";
import type { VirtualRouter } from "./router.ts";
import type { ResolvedTracker } from "./trackers.ts";

/** Something that can happen to the node that owns the addresses, or to all nodes. */
export type VrrpEvent =
  /** haproxy ends or hangs on the owner; on every node with `everywhere`. */
  | { readonly kind: "haproxy"; readonly everywhere: boolean }
  /** Another tracker of the owner fails: a script, a file, an interface. */
  | { readonly kind: "tracker"; readonly tracker: ResolvedTracker }
  /** An operator gives the addresses away by the drain tracker. */
  | { readonly kind: "drain"; readonly tracker: ResolvedTracker }
  | { readonly kind: "stop" | "power" | "cable" | "partition" | "kill" | "return" };

/** Who has the addresses after an event. */
export type Consequence =
  | {
      readonly kind: "moves";
      readonly to: Member;
      /** Milliseconds from the event to the takeover. */
      readonly after: Span;
      /** Milliseconds without service. */
      readonly outage: Span;
      readonly formula: string;
    }
  /** The owner keeps them; `served` is false where nothing answers behind them. */
  | {
      readonly kind: "stays";
      readonly served: boolean;
      readonly reason: string;
      readonly election: Election | null;
    }
  /** Two nodes hold them; clients of the one side lose them for `outage`. */
  | { readonly kind: "both"; readonly to: Member; readonly outage: Span; readonly formula: string }
  | { readonly kind: "nobody"; readonly reason: string };

/** The trackers that tell a node of haproxy's end: those that say so, else scripts and processes that may well. */
export const healthTrackers = (member: Member): readonly ResolvedTracker[] => {
  const effective = member.trackers.filter(harmful);
  const known = effective.filter(({ purpose }) => purpose === "health");
  return known.length > 0
    ? known
    : effective.filter(({ purpose, use }) => purpose === "other" && ["script", "process"].includes(use.kind));
};

/** Whether a tracker's failure takes something away; a tracked file with a positive weight adds. */
export const harmful = ({ failed }: ResolvedTracker): boolean => failed.kind === "fault" || failed.delta < 0;

/** What follows from an event while `owner` has the addresses of `router` and all else is well. */
export const consequence = (router: VirtualRouter, owner: Member, event: VrrpEvent): Consequence => {
  const others = router.members.filter((member) => member !== owner);
  const healthy = others.map((member): Candidate => ({ member, standing: standing(member) }));
  switch (event.kind) {
    case "haproxy": {
      const failed = healthTrackers(owner);
      if (failed.length === 0) {
        return {
          kind: "stays",
          served: false,
          reason: `nothing on ${owner.node.name} watches haproxy`,
          election: null,
        };
      }
      return ofFailure(owner, failed, event.everywhere ? others.map(sick) : healthy, false);
    }
    case "tracker":
      return ofFailure(owner, [event.tracker], healthy, false);
    case "drain":
      return ofFailure(owner, [event.tracker], healthy, true);
    case "stop":
      return ofElection(resign(owner, healthy), NOTHING, "", false);
    case "power":
    case "cable":
      return ofElection(vanish(owner, healthy), NOTHING, "", false);
    case "partition":
    case "kill": {
      const election = vanish(owner, healthy);
      return election.kind === "moves"
        ? {
            kind: "both",
            to: election.to,
            outage: event.kind === "kill" ? NOTHING : { min: 0, max: election.after.max },
            formula: election.formula,
          }
        : { kind: "stays", served: true, reason: "there is no other node", election };
    }
    case "return":
      return ofReturn(router, owner);
  }
};

const NOTHING: Span = { min: 0, max: 0 };

/** A member on whose node haproxy is down as well. */
const sick = (member: Member): Candidate => ({
  member,
  standing: standing(member, new Set(healthTrackers(member).map(({ key }) => key))),
});

const ofFailure = (
  owner: Member,
  failed: readonly ResolvedTracker[],
  others: readonly Candidate[],
  served: boolean,
): Consequence => {
  const after = standing(owner, new Set(failed.map(({ key }) => key)));
  const decisive =
    after.kind === "fault" ? failed.filter((tracker) => tracker.failed.kind === "fault") : failed;
  const { span, text } = earliest(decisive);
  const election = after.kind === "fault" ? resign(owner, others) : demote(owner, after.priority, others);
  return ofElection(election, span, text, served);
};

const earliest = (trackers: readonly ResolvedTracker[]): ResolvedTracker["detection"] => {
  const [first, ...rest] = trackers.map(({ detection }) => detection);
  if (first === undefined) return { span: NOTHING, text: "" };
  return rest.reduce((best, next) => (next.span.max < best.span.max ? next : best), first);
};

/** `served`: the owner answers until it lets go, as when an operator drains it. */
const ofElection = (election: Election, noticed: Span, noticedText: string, served: boolean): Consequence => {
  switch (election.kind) {
    case "nobody":
      return { kind: "nobody", reason: "no other node may take them" };
    case "stays":
      return { kind: "stays", served, reason: staysText(election), election };
    case "moves": {
      const after = plus(noticed, election.after);
      const gap = election.overlap ? HANDOVER : election.after;
      return {
        kind: "moves",
        to: election.to,
        after,
        outage: served ? gap : after,
        formula: noticedText === "" ? election.formula : `${noticedText}; then ${election.formula}`,
      };
    }
  }
};

const staysText = ({ because }: Extract<Election, { kind: "stays" }>): string =>
  because.length === 0 ? "there is no other node" : because.map(refusalText).join(", ");

const refusalText = ({ member: { node }, reason, priority }: Refusal): string => {
  switch (reason) {
    case "fault":
      return `${node.name} is in FAULT`;
    case "nopreempt":
      return `${node.name} (${priority}) has nopreempt and accepts any advert`;
    case "priority":
      return `${node.name} has no more than ${priority}`;
  }
};

/** After the owner was away and the next best took over: does it take the addresses back? */
const ofReturn = (router: VirtualRouter, owner: Member): Consequence => {
  const rest = router.members.filter((member) => member !== owner);
  const moved = vanish(
    owner,
    rest.map((member) => ({ member, standing: standing(member) })),
  );
  if (moved.kind !== "moves") return { kind: "nobody", reason: "no other node may take them" };
  const now = standing(moved.to);
  const election = demote(moved.to, now.kind === "running" ? now.priority : 0, [
    { member: owner, standing: standing(owner) },
  ]);
  return ofElection(election, NOTHING, "", true);
};

const plus = (a: Span, b: Span): Span => ({ min: a.min + b.min, max: a.max + b.max });
