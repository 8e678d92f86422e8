import { planHandover } from "../lb/live/handover.ts";
import { addressesProbe } from "../lb/live/live.ts";
import { type Hands, performHandover } from "../lb/live/perform-handover.ts";
import { report } from "./change-node.ts";
import { noteText } from "./note.ts";
import { onNode } from "./on-node.ts";
import { type Roll, RollFailure } from "./parts.ts";
import { survey } from "./survey.ts";

/** A handover that was done. */
export interface DoneHandover {
  /** The addresses come back as soon as the former owner takes part again. */
  readonly returns: boolean;
  /** Lets the former owner take part again, where it does not do so already. Throws RollFailure. */
  readonly rejoin: () => Promise<void>;
}

/** Moves the virtual addresses between two nodes, in the cheapest way that their configurations allow. Throws RollFailure; they are back then. */
export const handOver = async (roll: Roll, from: string, to: string): Promise<DoneHandover> => {
  const nodes = await survey(roll.pair, roll.job);
  const [source, target] = [from, to].map((name) => nodes.find((node) => node.name === name));
  if (source === undefined || target === undefined) throw new Error(`${from} or ${to} is not of the pair`);
  const plan = planHandover(source, target);
  await onNode(from, () => roll.job.beginJournal(from, noteText(roll.decision.order, plan.undo)));
  if (plan.readyInMs > 0)
    report(
      roll,
      to,
      "wait",
      `its keepalived takes part in ${(plan.readyInMs / 1000).toFixed(1)} s, past its startup delay`,
    );
  const outcome = await performHandover(plan, handsOf(roll));
  if (outcome.kind === "undone")
    throw new RollFailure(from, `the handover was taken back: ${outcome.reason}`);
  const how = plan.way.kind === "drain" ? `by ${plan.way.path}` : "by a stop of keepalived";
  report(
    roll,
    null,
    "handover",
    `${plan.addresses.join(", ")} moved from ${from} to ${to} ${how}, seen after ${Math.round(outcome.afterMs)} ms`,
  );
  return {
    returns: plan.rejoin.when === "later",
    rejoin: async () => {
      if (plan.rejoin.when !== "later") return;
      const { code, stderr } = await handsOf(roll).run(from, plan.rejoin.script);
      if (code !== 0) throw new RollFailure(from, `it does not take part again: ${stderr.trim()}`);
    },
  };
};

const handsOf = ({ job, world }: Roll): Hands => ({
  addresses: (node) => onNode(node, () => job.read(node, addressesProbe)),
  run: async (node, script) => {
    const { code, stderr } = await onNode(node, () => job.act(node, script));
    return { code, stderr: stderr.toString("utf8") };
  },
  now: world.now,
  sleep: world.sleep,
});
