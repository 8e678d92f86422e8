import { findStatement } from "../lb/keepalived/statements.ts";
import { basename, commandWords } from "../lb/vrrp/command.ts";
import type { Span } from "../lb/vrrp/detection.ts";
import { consequence, harmful } from "../lb/vrrp/events.ts";
import type { Member } from "../lb/vrrp/member.ts";
import { predict, type Prediction as VrrpPrediction } from "../lb/vrrp/predict.ts";
import { virtualRouters } from "../lb/vrrp/router.ts";
import type { ResolvedTracker } from "../lb/vrrp/trackers.ts";
import type { Prediction, Subject } from "./faults/fault.ts";

/** What `lbplay predict` says of an event on the owner; of several instances the worst. Null: it knows none such. */
export const predictedEvent = (
  { pair, owner }: Pick<Subject, "pair" | "owner">,
  event: VrrpPrediction["event"],
): Prediction | null => {
  const rows = predict(pair, owner.name).filter((row) => row.event === event);
  // Of the two events that are called so the one on the owner alone comes first for each instance.
  const first = rows.filter(
    (row, index) => rows.findIndex(({ instance }) => instance === row.instance) === index,
  );
  return worst(first);
};

const ORDER: readonly Prediction["outcome"][] = ["moves", "stays", "both", "never", "nobody"];

const worst = (rows: readonly Prediction[]): Prediction | null => {
  const [head] = rows.toSorted((a, b) => ORDER.indexOf(b.outcome) - ORDER.indexOf(a.outcome));
  if (head === undefined) return null;
  return {
    what: head.what,
    outcome: head.outcome,
    owners: head.owners,
    moves: widest(rows.map(({ moves }) => moves)),
    outage: rows.some(({ outage }) => outage === null) ? null : widest(rows.map(({ outage }) => outage)),
    formula: head.formula,
  };
};

const widest = (spans: readonly (Span | null)[]): Span | null => {
  const known = spans.flatMap((span) => span ?? []);
  return known.length === 0
    ? null
    : {
        min: round(Math.min(...known.map(({ min }) => min))),
        max: round(Math.max(...known.map(({ max }) => max))),
      };
};

const round = (ms: number): number => Math.round(ms * 10) / 10;

/** Nothing moves, and nobody waits. */
export const staysAsItIs = (
  { owner }: Pick<Subject, "owner">,
  what: string,
  formula: string,
): Prediction => ({
  what,
  outcome: "stays",
  owners: [owner.name],
  moves: null,
  outage: { min: 0, max: 0 },
  formula,
});

/** Programs that ask HAProxy, and so notice one that hangs. */
const ASKS = /^(curl|wget|nc|ncat|socat|telnet|check_http)$/;

/** Programs that only look whether there is a process. */
const LOOKS = /^(killall5?|pidof|pgrep|ps|kill|systemctl|service|test|\[)$/;

/**
 * What follows from a HAProxy that hangs: only a script that asks it notices. Null where a script of which nothing is
 * known may or may not.
 */
export const predictedHang = ({ pair, owner }: Pick<Subject, "pair" | "owner">): Prediction | null => {
  const rows = virtualRouters(pair).flatMap((router) => {
    const member = router.members.find(({ node }) => node.name === owner.name);
    return member === undefined || router.members.length < 2 ? [] : [hang(router, member)];
  });
  return rows.some((row) => row === null) ? null : worst(rows.flatMap((row) => row ?? []));
};

const hang = (router: ReturnType<typeof virtualRouters>[number], member: Member): Prediction | null => {
  const what = `haproxy hangs on ${member.node.name}`;
  const scripts = member.trackers.filter((tracker) => harmful(tracker) && tracker.use.kind === "script");
  const asking = scripts.filter(
    (tracker) => ASKS.test(basename(target(tracker))) || /\b(socat|curl|wget)\b/.test(target(tracker)),
  );
  const unknown = scripts.filter(
    (tracker) =>
      !asking.includes(tracker) && tracker.purpose === "health" && !LOOKS.test(basename(target(tracker))),
  );
  if (asking.length === 0 && unknown.length > 0) return null;
  const [first] = asking.toSorted((a, b) => runSpan(a).max - runSpan(b).max);
  if (first === undefined)
    return {
      what,
      outcome: "never",
      owners: [member.node.name],
      moves: null,
      outage: null,
      formula: `nothing on ${member.node.name} asks HAProxy: its trackers only see whether it runs`,
    };
  const result = consequence(router, member, { kind: "tracker", tracker: first });
  if (result.kind !== "moves")
    return {
      what,
      outcome: "never",
      owners: [member.node.name],
      moves: null,
      outage: null,
      formula: result.kind === "both" ? result.formula : result.reason,
    };
  const noticed = first.detection.span;
  const run = runSpan(first);
  const span: Span = {
    min: round(result.after.min - noticed.min + run.min),
    max: round(result.after.max - noticed.max + run.max),
  };
  return {
    what,
    outcome: "moves",
    owners: [result.to.node.name],
    moves: span,
    outage: span,
    formula: `${first.name} has to hang until its time-out as often as \`fall\` says; then ${result.formula}`,
  };
};

const target = ({ definition }: ResolvedTracker): string => definition?.target ?? "";

/** The time that keepalived and the script's own start take on a busy node, in milliseconds. */
const START_MS = 400;

/** From the hang to the failure of a script that waits for an answer: each run lasts until a time-out. */
const runSpan = ({ definition }: ResolvedTracker): Span => {
  const seconds = (keyword: string, otherwise: number): number => {
    const value = Number(findStatement(definition?.statements ?? [], keyword)?.words[1]?.text);
    return Number.isFinite(value) && value > 0 ? value : otherwise;
  };
  const interval = seconds("interval", 1) * 1000;
  const fall = Math.max(1, seconds("fall", 1));
  const words = commandWords(definition?.target ?? "");
  const own = Number(words[words.findIndex((word) => /^(-m|--max-time|-T|-w)$/.test(word)) + 1]);
  const run = Math.min(seconds("timeout", interval / 1000), own > 0 ? own : Number.POSITIVE_INFINITY) * 1000;
  // A run that lasts as long as the interval leaves the next one out.
  const period = run >= interval ? 2 * interval : interval;
  return { min: (fall - 1) * interval, max: interval + (fall - 1) * period + run + START_MS };
};
