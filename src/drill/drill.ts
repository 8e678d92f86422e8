import type { LiveNode } from "../lb/live/node.ts";
import type { Pair } from "../lb/pair/pair.ts";
import { planFault } from "./faults/catalog.ts";
import type { Fault, PlannedFault, Subject, UnavailableFault } from "./faults/fault.ts";
import { figuresOf } from "./figures.ts";
import { meansProbe, type NodeMeans, reasonsAgainst, subjectOf } from "./fitness.ts";
import { LEFTOVER_SCRIPT } from "./guard.ts";
import { ask, run } from "./on-node.ts";
import { performRepeat } from "./repeat.ts";
import { takeSnapshot } from "./rest.ts";
import type { DrillSummary, FaultResult, FaultVerdict, Reason, RepeatResult } from "./result.ts";
import type { Snapshot } from "./snapshot.ts";
import type { DrillGround, DrillWorld } from "./world.ts";

/** A fault as it is asked for. */
export interface FaultWish {
  readonly fault: Fault;
  readonly repeats: number;
  /** Milliseconds; null: any. */
  readonly budgetMs: number | null;
}

/** A drill that can begin. */
export interface DrillPlan {
  readonly subject: Subject;
  readonly before: Snapshot;
  readonly means: ReadonlyMap<string, NodeMeans>;
  readonly faults: readonly { readonly wish: FaultWish; readonly planned: PlannedFault | UnavailableFault }[];
  /** Nodes on which a drill that had died was undone. */
  readonly mended: readonly string[];
}

/** What stands before a drill. */
export type Survey =
  | { readonly kind: "fit"; readonly plan: DrillPlan }
  | {
      readonly kind: "unfit";
      readonly reasons: readonly string[];
      readonly nodes: readonly LiveNode[];
      readonly pair: Pair;
    };

/**
 * Looks at the pair and plans. With `mend` what an earlier drill that died may have left is undone first. Throws
 * TransportError.
 */
export const planDrill = async (
  ground: DrillGround,
  wishes: readonly FaultWish[],
  { mend }: { readonly mend: boolean },
): Promise<Survey> => {
  const first = await ground.look();
  const mended = mend ? await undoLeftovers(ground, first) : [];
  const seen = mended.length === 0 ? first : await ground.look();
  const reasons = reasonsAgainst(seen);
  const pair = await ground.survey();
  if (reasons.length > 0) return { kind: "unfit", reasons, nodes: seen, pair };
  const before = await takeSnapshot(ground);
  const late = reasonsAgainst(before.nodes);
  if (late.length > 0) return { kind: "unfit", reasons: late, nodes: before.nodes, pair };
  const means = new Map(
    await Promise.all(
      ground.nodes.map(async ({ name }) => [name, await ask(ground, name, meansProbe)] as const),
    ),
  );
  const subject = subjectOf(before.nodes, pair, means, ground.power !== null);
  const faults = wishes.map((wish) => ({ wish, planned: planFault(wish.fault, subject) }));
  return { kind: "fit", plan: { subject, before, means, faults, mended } };
};

/** The nodes on which something was undone. */
const undoLeftovers = async (ground: DrillGround, seen: readonly LiveNode[]): Promise<readonly string[]> => {
  const mended: string[] = [];
  for (const { name } of seen.filter((node) => node.seen.kind === "seen")) {
    const { stdout } = await run(ground, name, LEFTOVER_SCRIPT);
    if (stdout.toString("utf8").trimEnd().endsWith("undone")) mended.push(name);
  }
  return mended;
};

/** Goes through the faults of a plan, and stops at the first that is not as expected, unless told to go on. */
export const performDrill = async (
  world: DrillWorld,
  { subject, before, means, faults }: DrillPlan,
  { everyMs, keepGoing }: { readonly everyMs: number; readonly keepGoing: boolean },
): Promise<{ readonly faults: readonly FaultResult[]; readonly summary: DrillSummary }> => {
  const results: FaultResult[] = [];
  let stopped: string | null = null;
  for (const { wish, planned } of faults) {
    if (planned.kind === "unavailable") {
      results.push(without(wish, { kind: "unavailable", because: planned.because }));
      continue;
    }
    if (world.stopped()) stopped ??= "somebody stopped it";
    if (stopped !== null) {
      results.push(without(wish, { kind: "not-run", because: stopped }));
      continue;
    }
    const repeats: RepeatResult[] = [];
    for (let number = 1; number <= wish.repeats && stopped === null && !world.stopped(); number += 1) {
      const fresh = await takeSnapshot(world);
      const against = reasonsAgainst(fresh.nodes);
      if (against.length > 0) {
        stopped = `the pair is not fit any more: ${against.join("; ")}`;
        break;
      }
      const now = subjectOf(fresh.nodes, subject.pair, means, subject.power);
      const fault = planFault(wish.fault, now);
      if (fault.kind === "unavailable") {
        stopped = `${fault.title} cannot be done any more: ${fault.because}`;
        break;
      }
      const { id, title } = wish.fault;
      world.report({ kind: "repeat-started", id, title, number, repeats: wish.repeats });
      const repeat = await performRepeat(world, {
        fault,
        subject: now,
        before,
        fresh,
        number,
        budgetMs: budgetOf(fault, wish),
        everyMs,
      });
      repeats.push(repeat);
      world.report({ kind: "repeat-ended", id, title, repeats: wish.repeats, repeat });
      stopped = reasonToStop(title, repeat.reasons, keepGoing);
    }
    if (repeats.length === 0) {
      results.push(without(wish, { kind: "not-run", because: stopped ?? "somebody stopped it" }));
      continue;
    }
    const reasons = repeats.flatMap((repeat) => repeat.reasons);
    const { id, title } = wish.fault;
    const result: FaultResult = {
      id,
      title,
      injection: planned.injection,
      undo: planned.undo,
      budgetMs: budgetOf(planned, wish),
      repeats,
      verdict: reasons.length === 0 ? { kind: "passed" } : { kind: "failed", reasons },
      figures: figuresOf(repeats),
    };
    results.push(result);
    world.report({ kind: "fault-ended", fault: result });
  }
  return { faults: results, summary: summaryOf(results, stopped) };
};

/** No pair keeps a budget when every server is gone. */
const budgetOf = ({ id }: Pick<PlannedFault, "id">, { budgetMs }: FaultWish): number | null =>
  id === "backends-down" ? null : budgetMs;

/** After these the pair is as it was, so that a drill may go on where it is told to. */
const SETTLED: ReadonlySet<Reason["kind"]> = new Set(["budget", "prediction", "owner", "effect"]);

const reasonToStop = (title: string, reasons: readonly Reason[], keepGoing: boolean): string | null => {
  const [first] = reasons;
  if (first === undefined) return null;
  if (keepGoing && reasons.every(({ kind }) => SETTLED.has(kind))) return null;
  return first.kind === "interrupted" ? first.text : `${title}: ${first.text}`;
};

/** Results of faults that did not happen. */
export const without = ({ fault, budgetMs }: FaultWish, verdict: FaultVerdict): FaultResult => ({
  id: fault.id,
  title: fault.title,
  injection: fault.injection,
  undo: fault.undo,
  budgetMs: budgetOf(fault, { fault, budgetMs, repeats: 0 }),
  repeats: [],
  verdict,
  figures: null,
});

/** The faults counted by their verdicts. */
export const summaryOf = (faults: readonly FaultResult[], stopped: string | null): DrillSummary => {
  const count = (kind: FaultVerdict["kind"]): number =>
    faults.filter(({ verdict }) => verdict.kind === kind).length;
  const [failed, notRun] = [count("failed"), count("not-run")];
  return {
    passed: count("passed"),
    failed,
    unavailable: count("unavailable"),
    notRun,
    stopped,
    ok: failed === 0 && notRun === 0,
  };
};
