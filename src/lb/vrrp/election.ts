import type { Span } from "./detection.ts";
import { type Member, type Standing, timersOf } from "./member.ts";

/** A member with how it stands while something has failed. */
export interface Candidate {
  readonly member: Member;
  readonly standing: Standing;
}

/** What the others do about an owner that has gone or become weaker. */
export type Election =
  /** `after`: milliseconds from the owner's change to the takeover. `overlap`: the old owner serves until then. */
  | {
      readonly kind: "moves";
      readonly to: Member;
      readonly after: Span;
      readonly overlap: boolean;
      readonly formula: string;
    }
  | { readonly kind: "stays"; readonly because: readonly Refusal[] }
  | { readonly kind: "nobody" };

/** Why a member does not take the addresses from an owner that has become weaker. */
export interface Refusal {
  readonly member: Member;
  readonly reason: "fault" | "priority" | "nopreempt";
  /** What it would claim them with; null in FAULT. */
  readonly priority: number | null;
}

/** What adding the address, announcing it and the clients' learning of it takes: never more on an idle machine. */
const TAKEOVER_MS = 25;
const TAKEOVER_TEXT = `, and up to ${TAKEOVER_MS} ms for the takeover`;

/** The owner says goodbye (an advert of priority 0): the others wait for their skew only. */
export const resign = (owner: Member, others: readonly Candidate[]): Election => {
  const first = soonest(others, (member, priority) => timersOf(member, priority, owner.advertMs).skew);
  if (first === null) return { kind: "nobody" };
  const { member, priority, ms } = first;
  return {
    kind: "moves",
    to: member,
    after: { min: ms, max: ms + TAKEOVER_MS },
    overlap: false,
    formula: `${skewText(member, priority, owner.advertMs)}${TAKEOVER_TEXT}`,
  };
};

/** The owner falls silent: the others wait until their timers, begun at the last advert, run out. */
export const vanish = (owner: Member, others: readonly Candidate[]): Election => {
  const first = soonest(others, (member, priority) => timersOf(member, priority, owner.advertMs).down);
  if (first === null) return { kind: "nobody" };
  const { member, priority, ms } = first;
  return {
    kind: "moves",
    to: member,
    after: { min: Math.max(0, ms - owner.advertMs), max: ms + TAKEOVER_MS },
    overlap: false,
    formula: `${downText(member, priority, owner.advertMs)}${TAKEOVER_TEXT}`,
  };
};

/** The owner goes on advertising, but a lower priority. */
export const demote = (owner: Member, ownerPriority: number, others: readonly Candidate[]): Election => {
  const refusals = others.flatMap((candidate) => refusal(candidate, ownerPriority));
  const willing = others.filter(({ member }) => !refusals.some((refused) => refused.member === member));
  const first = soonest(willing, (member, priority) => claimAfter(member, priority, owner.advertMs).max);
  if (first === null) return { kind: "stays", because: refusals };
  const { member, priority } = first;
  const { min, max } = claimAfter(member, priority, owner.advertMs);
  return {
    kind: "moves",
    to: member,
    after: { min, max: max + TAKEOVER_MS },
    overlap: true,
    formula: `${claimText(member, priority, owner.advertMs)}${TAKEOVER_TEXT}`,
  };
};

/** Milliseconds that an overlapping handover may cost: both are up, and the clients learn the new one. */
export const HANDOVER: Span = { min: 0, max: TAKEOVER_MS };

const refusal = ({ member, standing }: Candidate, ownerPriority: number): readonly Refusal[] => {
  if (standing.kind === "fault") return [{ member, reason: "fault", priority: null }];
  const { priority } = standing;
  if (priority <= ownerPriority) return [{ member, reason: "priority", priority }];
  return member.nopreempt ? [{ member, reason: "nopreempt", priority }] : [];
};

/**
 * When a backup claims addresses that a lower priority advertises. Classic ones do so at its next advert (and learn of
 * their own trackers once an interval), later ones when their timer runs out; preempt_delay begins at the first such
 * advert, and until it is over every advert restarts the timer.
 */
const claimAfter = (member: Member, priority: number, ownerAdvertMs: number): Span => {
  const { manners, preemptDelayMs: delay } = member;
  if (manners === "classic") return { min: delay, max: delay + 2 * ownerAdvertMs };
  const { down } = timersOf(member, priority, ownerAdvertMs);
  return delay === 0
    ? { min: Math.max(0, down - ownerAdvertMs), max: down }
    : { min: delay + down - ownerAdvertMs, max: delay + down + ownerAdvertMs };
};

const soonest = (
  candidates: readonly Candidate[],
  wait: (member: Member, priority: number) => number,
): { readonly member: Member; readonly priority: number; readonly ms: number } | null => {
  const waiting = candidates.flatMap(({ member, standing }) =>
    standing.kind === "fault"
      ? []
      : [{ member, priority: standing.priority, ms: wait(member, standing.priority) }],
  );
  const [first = null] = waiting.toSorted((a, b) => a.ms - b.ms);
  return first;
};

const skewText = (member: Member, priority: number, advertMs: number): string => {
  const unit = member.instance.version === 2 ? 1000 : advertMs;
  return `skew (256 − ${countedPriority(member, priority)}) × ${msText(unit)} / 256 = ${msText(timersOf(member, priority, advertMs).skew)}`;
};

const downText = (member: Member, priority: number, advertMs: number): string => {
  const heard = member.instance.version === 2 ? member.advertMs : advertMs;
  const { downTimerAdverts } = member.instance;
  return `${downTimerAdverts} × ${msText(heard)} + ${skewText(member, priority, advertMs)}, less up to ${msText(advertMs)} since the last advert`;
};

const claimText = (member: Member, priority: number, advertMs: number): string => {
  const delay = member.preemptDelayMs === 0 ? "" : `preempt_delay ${msText(member.preemptDelayMs)} + `;
  return member.manners === "classic"
    ? `${delay}up to 2 × ${msText(advertMs)} until the lower priority is advertised`
    : `${delay}${downText(member, priority, advertMs)}`;
};

const countedPriority = (member: Member, priority: number): number =>
  member.manners === "classic" ? member.instance.priority.value : priority;

/** `3.6 s`, `361 ms`, `2.3 ms`. */
export const msText = (ms: number): string => {
  if (ms >= 1000) return `${Number((ms / 1000).toFixed(2))} s`;
  return `${Number(ms.toFixed(ms < 10 ? 1 : 0))} ms`;
};
