import { LbplayError } from "../../core/error.ts";
import type { Json } from "../../core/value.ts";
import { allAddresses, type LiveNode } from "../../lb/live/node.ts";
import { overBudget } from "../../probe/budget.ts";
import { confirm } from "../confirm.ts";
import { type Continuity, openContinuity } from "../continuity.ts";
import { EXIT } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { chosenPair, lookAt } from "../live-pair.ts";
import { type Live, withNodes } from "../nodes.ts";
import type { InventoryPair } from "../pairs.ts";
import { probeTarget } from "../probe-target.ts";
import type { SwitchoverOptions } from "../run-options.ts";
import { createSpeech, type Speech } from "../speech.ts";
import { performSwitch, type SwitchTools } from "../switch.ts";
import { type Move, planSwitch, type SwitchPlan } from "../switch-plan.ts";
import { joinText, outageText, planText, switchJson } from "../switch-text.ts";

/** Hands the addresses of a pair over, there or there and back, and says what it cost. */
export const switchover = (options: SwitchoverOptions, io: Io): Promise<number> =>
  withNodes(options.live, io, (live) => work(options, live, io), `switchover ${options.pair ?? ""}`.trim());

const work = async (options: SwitchoverOptions, live: Live, io: Io): Promise<number> => {
  const pair = await chosenPair(live, options.pair);
  const speech = createSpeech(options.output, live.redactor, io);
  const nodes = options.check ? live.open(pair.hosts) : live.lock(pair.hosts, options.breakLock);
  const seen = await lookAt(nodes.all, options.live.forks);
  const plan = planSwitch(seen, options.to);
  if (plan.kind !== "move") return noMove(plan, seen, speech, pair.name);
  speech.say(sentenceOf(plan));
  if (options.check) {
    speech.say("nothing was changed");
    return finish(speech, pair.name, true, [], null);
  }
  const continuity = await openClient(options, pair, plan.from, allAddresses(seen), live);
  speech.say(
    continuity === null ? "no client asks: nothing is measured" : `a client asks ${continuity.label}`,
  );
  await confirm(`Hand over from ${plan.from.name} to ${plan.to.name}?`, options, io);
  const tools: SwitchTools = { nodes, forks: options.live.forks, continuity };
  const limit = options.maxOutageMs ?? pair.settings.maxOutageMs;
  const moves: Json[] = [];
  const first = await move(plan, tools, limit, speech);
  moves.push(first.json);
  if (first.failure !== null || !options.back)
    return finish(speech, pair.name, first.failure === null, moves, first.failure);
  const way = planSwitch(await lookAt(nodes.all, options.live.forks), plan.from.name);
  if (way.kind !== "move") return noMove(way, seen, speech, pair.name);
  speech.say(sentenceOf(way));
  const second = await move(way, tools, limit, speech);
  moves.push(second.json);
  return finish(speech, pair.name, second.failure === null, moves, second.failure);
};

const sentenceOf = ({ joining, handover }: Move): string => (joining ? joinText : planText)(handover);

/** The client that watches; null where nothing is to be asked. */
const openClient = async (
  options: SwitchoverOptions,
  pair: InventoryPair,
  owner: LiveNode,
  addresses: readonly string[],
  live: Live,
): Promise<Continuity | null> => {
  const target = probeTarget(options.probe ?? pair.settings.probe, owner, addresses);
  if (target === null) return null;
  const from = options.probeFrom ?? pair.settings.probeFrom;
  if (from === null) return openContinuity(target, null);
  if (!live.inventory.hosts.has(from)) {
    throw new LbplayError({
      code: "E_USAGE",
      message: `the inventory has no host ${from}`,
      hint: "--probe-from names a host of it",
    });
  }
  const [host] = live.open([from]).all;
  return openContinuity(target, host ?? null);
};

interface Moved {
  readonly json: Json;
  readonly failure: string | null;
}

const move = async (plan: Move, tools: SwitchTools, limit: number | null, speech: Speech): Promise<Moved> => {
  const report = await performSwitch(plan, [plan.from, plan.to], tools);
  const { handover, outcome, outage } = report;
  if (outcome.kind === "moved")
    speech.say(
      `${handover.to} has ${handover.addresses.join(", ")}, seen after ${Math.round(outcome.afterMs)} ms`,
    );
  if (outage !== null) speech.say(outageText(outage));
  if (outcome.kind === "moved")
    speech.say(
      handover.rejoin.when === "at-once"
        ? `${handover.from} is a standby again`
        : `${handover.from} stays out, as it would take the addresses back at once: lbplay switchover gives them back, lbplay maintenance off ${handover.from} lets it take them`,
    );
  const failure =
    outcome.kind === "undone"
      ? `${outcome.reason}; everything was taken back`
      : report.worse.length > 0
        ? `afterwards something is wrong that was not before: ${report.worse.join("; ")}`
        : outage === null
          ? null
          : overBudget(outage, limit);
  return { json: switchJson(report), failure };
};

const noMove = (
  plan: Exclude<SwitchPlan, Move>,
  seen: readonly LiveNode[],
  speech: Speech,
  pair: string,
): number => {
  if (plan.kind === "there") {
    speech.say(`${plan.to} has the addresses already`);
    return finish(speech, pair, true, [], null);
  }
  const code = finish(speech, pair, false, [], `nothing is moved: ${plan.reasons.join("; ")}`);
  return seen.some((node) => node.seen.kind === "unreachable") ? EXIT.unreachable : code;
};

const finish = (
  speech: Speech,
  pair: string,
  done: boolean,
  moves: readonly Json[],
  failure: string | null,
): number => {
  if (failure !== null) speech.fail(failure);
  speech.result({ pair, done, moves: [...moves], failure });
  return done ? EXIT.ok : EXIT.failed;
};
