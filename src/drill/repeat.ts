import { LbplayError } from "../core/error.ts";
import { TransportError } from "../core/transport.ts";
import { addressesProbe } from "../lb/live/live.ts";
import { allAddresses } from "../lb/live/node.ts";
import { pairHealth } from "../lb/live/pair-health.ts";
import { measureClock, stampMs } from "./clock.ts";
import { effectTrouble } from "./effect.ts";
import { collect, type Evidence, startWatching } from "./evidence.ts";
import type { PlannedFault, Subject } from "./faults/fault.ts";
import { injectLaterScript, injectScript, prepareScript, UNDO_SCRIPT } from "./guard.ts";
import { ask, awaitBoot, bootProbe, giveUp, nodeNamed, persist, run, saidText } from "./on-node.ts";
import { predictedEvent } from "./predictions.ts";
import { type Finished, resultOf } from "./repeat-result.ts";
import { handBack, type Rest, untilRest } from "./rest.ts";
import type { NodeClock, Reason, RepeatResult } from "./result.ts";
import { differences, type Snapshot } from "./snapshot.ts";
import type { DrillWorld } from "./world.ts";

/** What one repeat is about. */
export interface RepeatRequest {
  readonly fault: PlannedFault;
  readonly subject: Subject;
  /** As the pair was before the whole drill: what it has to come back to. */
  readonly before: Snapshot;
  /** As it was just now. */
  readonly fresh: Snapshot;
  readonly number: number;
  readonly budgetMs: number | null;
  readonly everyMs: number;
}

/** What clients ask before the fault, so that their usual answers are known, in milliseconds. */
const BEFORE_MS = 700;

/** What clients go on asking at the end, for what comes late. */
const AFTER_MS = 700;

/** A guard fires so much later than the drill would undo, in seconds. */
const GUARD_LATER = 15;

/** A boot takes no longer than this, in milliseconds. */
const BOOT_MS = 240_000;

/** How long a node may be away that should have come back, in milliseconds. */
const AWAY_MS = 60_000;

/** Moments while a repeat is under way, by the controller's clock. */
interface Course {
  /** When the fault was injected; known better afterwards, from the node. */
  injected: number;
  undone: number | null;
  settled: number | null;
  handBackBegan: number | null;
  handedBack: number | null;
  readonly troubles: Reason[];
  /** Told that power was cut: what the node's own clock says of it is lost. */
  cutAt: number | null;
}

/** Injects a fault, watches, undoes it and waits until all is as before; judges what was seen. Always undoes. */
export const performRepeat = async (world: DrillWorld, request: RepeatRequest): Promise<RepeatResult> => {
  const { fault, before } = request;
  const course: Course = {
    injected: world.now(),
    undone: null,
    settled: null,
    handBackBegan: null,
    handedBack: null,
    troubles: [],
    cutAt: null,
  };
  const clocks = await Promise.all(
    world.nodes.map((node) =>
      measureClock({ name: node.name, read: (probe) => node.read(probe) }, world.now),
    ),
  );
  const since = world.now();
  await Promise.all(world.nodes.map(({ name }) => startWatching(world, name)));
  const counting = await world.client.start();
  let rest: Rest | null = null;
  let counted: Awaited<ReturnType<typeof counting.stop>>;
  try {
    await world.sleep(BEFORE_MS);
    if (world.stopped()) course.troubles.push(STOPPED);
    else {
      const went = await unlessLost(course, async () => {
        await injectAndUndo(world, request, course);
        return true;
      });
      if (went === null) await unlessLost(course, () => undoAll(world, request, course));
    }
    rest = await unlessLost(course, () => recover(world, request, course));
    await world.wait(AFTER_MS);
  } finally {
    counted = await counting.stop();
  }
  const evidence = await collect(world, since, clocks);
  const finished: Finished = {
    ...request,
    ...course,
    injected: injectedAt(fault, course, evidence, clocks),
    rest,
    differences: rest === null ? [] : differences(before, rest.snapshot, { owner: true }),
    counted,
    evidence,
    clocks,
  };
  return resultOf(finished, world.client.isGood);
};

/** Does something that a lost node, or a lab that does not boot, may end; null where that has happened. */
const unlessLost = async <T>(course: Course, work: () => Promise<T>): Promise<T | null> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TransportError) && !(error instanceof LbplayError)) throw error;
    course.troubles.push({ kind: "interrupted", text: error.message });
    return null;
  }
};

/** After something went wrong: whatever there may be to undo. */
const undoAll = async (world: DrillWorld, request: RepeatRequest, course: Course): Promise<void> => {
  const { fault } = request;
  course.undone ??= world.now();
  if (fault.way === "power" || fault.way === "reboot")
    for (const name of fault.nodes) await world.power?.on(name);
  await undo(world, fault, course);
};

const STOPPED: Reason = { kind: "interrupted", text: "somebody stopped the drill" };

/** The node says when it was, where it could. */
const injectedAt = (
  { nodes }: PlannedFault,
  course: Course,
  evidence: Evidence,
  clocks: readonly NodeClock[],
): number => {
  if (course.cutAt !== null) return course.cutAt;
  const times = nodes.flatMap((name) => {
    const stamp = /^injecting (\S+)$/m.exec(evidence.moments.get(name) ?? "")?.[1];
    const ms = stamp === undefined ? null : stampMs(stamp);
    return ms === null ? [] : [ms - (clocks.find(({ node }) => node === name)?.offsetMs ?? 0)];
  });
  return times.length === 0 ? course.injected : Math.min(...times);
};

const injectAndUndo = async (world: DrillWorld, request: RepeatRequest, course: Course): Promise<void> => {
  const { fault } = request;
  const names = fault.nodes.join(" and ");
  switch (fault.way) {
    case "direct":
      await direct(world, request, course);
      return;
    case "cut": {
      const [name = ""] = fault.nodes;
      const seconds = Math.ceil(fault.windowMs / 1000);
      if (!(await prepared(world, fault, course))) return;
      const node = nodeNamed(world, name);
      if (!(await begun(world, name, injectLaterScript(seconds), course))) return;
      world.report({ kind: "step", text: `injected on ${names}; it undoes by itself after ${seconds} s` });
      course.injected = world.now() + 500;
      await world.wait(seconds * 1000 + 1500);
      course.undone = world.now();
      await giveUp(world, node);
      await undo(world, fault, course);
      return;
    }
    case "reboot": {
      const [name = ""] = fault.nodes;
      const boot = await ask(world, name, bootProbe);
      if (!(await prepared(world, fault, course))) return;
      await world.power?.arm(name, Math.ceil(fault.windowMs / 1000) + GUARD_LATER);
      if (!(await begun(world, name, injectLaterScript(BOOT_MS / 1000), course))) return;
      world.report({ kind: "step", text: `${names} is rebooted` });
      course.injected = world.now() + 500;
      await world.wait(fault.windowMs);
      await awaitBoot(world, name, boot, BOOT_MS);
      course.undone = world.now();
      await startWatching(world, name);
      await undo(world, fault, course);
      return;
    }
    case "power": {
      const [name = ""] = fault.nodes;
      const { power } = world;
      if (power === null) throw new Error("a fault of the power was planned, and nobody can cut it");
      const boot = await ask(world, name, bootProbe);
      await power.arm(name, Math.ceil(fault.windowMs / 1000) + GUARD_LATER);
      course.cutAt = world.now();
      await power.off(name);
      world.report({ kind: "step", text: `${names} is off` });
      await world.sleep(fault.windowMs);
      course.undone = world.now();
      await power.on(name);
      await giveUp(world, nodeNamed(world, name));
      await awaitBoot(world, name, boot, AWAY_MS);
      await startWatching(world, name);
      return;
    }
  }
};

const direct = async (world: DrillWorld, request: RepeatRequest, course: Course): Promise<void> => {
  const { fault, fresh } = request;
  const seconds = Math.ceil(fault.windowMs / 1000) + GUARD_LATER;
  if (!(await prepared(world, fault, course))) return;
  course.injected = world.now();
  const done = await Promise.all(
    fault.nodes.map((name) => begun(world, name, injectScript(seconds), course)),
  );
  if (!done.includes(false)) {
    world.report({ kind: "step", text: `injected on ${fault.nodes.join(" and ")}` });
    const trouble = await watched(world, fault, fresh, course.injected);
    if (world.stopped()) course.troubles.push(STOPPED);
    else if (trouble !== null) course.troubles.push(trouble);
  }
  course.undone = world.now();
  await undo(world, fault, course);
};

/** Between two looks whether what is expected has come. */
const LOOK_MS = 500;

/** What is watched at least, and after the expected has come: it may not last. */
const LEAST_MS = 2000;
const LASTING_MS = 1500;

/** Watches a fault until its window is over, or until what is expected has come and has lasted; what is missing of its effect. */
const watched = async (
  world: DrillWorld,
  fault: PlannedFault,
  fresh: Snapshot,
  injected: number,
): Promise<Reason | null> => {
  const { predicted, effect, windowMs, nodes } = fault;
  const left = (): number => windowMs - (world.now() - injected);
  const arrived = async (): Promise<boolean> => {
    if (effect?.kind === "servers-down") return (await effectTrouble(world, effect, nodes, fresh)) === null;
    return predicted?.outcome === "moves" && (await moved(world, predicted.owners, fresh));
  };
  await world.sleep(Math.min(LEAST_MS, left()));
  while (left() > 0 && !world.stopped()) {
    if (await arrived()) {
      await world.sleep(Math.min(LASTING_MS, Math.max(0, left())));
      break;
    }
    await world.sleep(Math.min(LOOK_MS, Math.max(0, left())));
  }
  return effect === null ? null : effectTrouble(world, effect, nodes, fresh);
};

/** Whether the nodes that should have the addresses have them. */
const moved = async (world: DrillWorld, owners: readonly string[], { nodes }: Snapshot): Promise<boolean> => {
  const addresses = allAddresses(nodes);
  const held = await Promise.all(owners.map((name) => ask(world, name, addressesProbe)));
  return held.every((own) => addresses.every((address) => own.has(address)));
};

const prepared = async (world: DrillWorld, fault: PlannedFault, course: Course): Promise<boolean> => {
  const all = await Promise.all(
    fault.nodes.map((name) => begun(world, name, prepareScript(fault.scripts), course)),
  );
  return !all.includes(false);
};

const begun = async (world: DrillWorld, name: string, script: string, course: Course): Promise<boolean> => {
  const answer = await run(world, name, script);
  if (answer.code === 0) return true;
  course.troubles.push({
    kind: "injection",
    text: `the fault could not be injected on ${name}: ${saidText(answer) || `exit code ${answer.code}`}`,
  });
  return false;
};

const undo = async (world: DrillWorld, fault: PlannedFault, course: Course): Promise<void> => {
  await Promise.all(
    fault.nodes.map(async (name) => {
      const answer = await persist(world, name, AWAY_MS, (node) => node.act(UNDO_SCRIPT, AWAY_MS));
      if (answer.code !== 0)
        course.troubles.push({
          kind: "undo",
          text: `the fault could not be undone on ${name} (${fault.undo}): ${saidText(answer) || `exit code ${answer.code}`}`,
        });
    }),
  );
  world.report({ kind: "step", text: "undone; waiting until the pair is at rest" });
};

/** What a pair may take beyond its own timers, in milliseconds. */
const BEYOND_MS = 5000;

/** Waits until the pair is at rest, and sees that the addresses are where they were. */
const recover = async (world: DrillWorld, request: RepeatRequest, course: Course): Promise<Rest> => {
  const { subject, before } = request;
  const hopeless = course.troubles.some(({ kind }) => kind === "undo");
  const rest = await untilRest(world, before, { owner: false, ...(hopeless ? { patienceMs: 5000 } : {}) });
  if (rest.left.length > 0) return rest;
  course.settled = world.now();
  if (pairHealth(rest.snapshot.nodes).owner === subject.owner.name) return rest;
  const home = predictedEvent(subject, "return");
  const returned =
    home?.outcome === "moves"
      ? await untilRest(world, before, { owner: true, patienceMs: (home.moves?.max ?? 0) + BEYOND_MS })
      : rest;
  if (pairHealth(returned.snapshot.nodes).owner === subject.owner.name) return returned;
  world.report({ kind: "step", text: `handing the addresses back to ${subject.owner.name}` });
  course.handBackBegan = world.now();
  const failure = await handBack(world, returned.snapshot, subject.owner.name);
  if (failure === null) course.handedBack = world.now();
  else
    course.troubles.push({
      kind: "undo",
      text: `the addresses could not be handed back to ${subject.owner.name}: ${failure}`,
    });
  return untilRest(world, before, { owner: true });
};
