import type { Tracker } from "../keepalived/config.ts";
import { type DrainFile, drainFiles } from "./drain.ts";
import { keepalivedService, writeDrain } from "./handover.ts";
import { markOut, UNMARK } from "./mark.ts";
import type { LiveNode } from "./node.ts";

/** How a node is kept from owning addresses: by which file, or with its keepalived stopped. */
export interface OutPlan {
  readonly path: string | null;
  readonly script: string;
}

/** keepalived takes a loss of this much for a FAULT. */
const FAULT_LOSS = 254;

/**
 * Keeps a node from owning addresses whatever happens to the other: by a drain file that means FAULT, else with its
 * keepalived stopped. Lasts until `rejoinScript`, or a boot.
 */
export const planOut = (node: LiveNode, words: string): OutPlan => {
  const mark = markOut("maintenance", words);
  const file = node.keepalived === null ? undefined : drainFiles(node.keepalived).find(canFault);
  return file === undefined
    ? { path: null, script: `${mark}\n${keepalivedService("stop")}` }
    : { path: file.path, script: `${mark}\n${writeDrain(file, faultValue(file.tracker))}` };
};

/** A script that lets a node take part again, whatever kept it out. */
export const rejoinScript = (node: LiveNode): string =>
  [
    UNMARK,
    ...(node.keepalived === null ? [] : drainFiles(node.keepalived).map((file) => writeDrain(file, 0))),
    keepalivedService("start"),
  ].join("\n");

const canFault = ({ kind, tracker }: DrainFile): boolean => kind === "number" || tracker.weight === 0;

const faultValue = ({ weight }: Tracker): number =>
  weight === 0 ? 1 : -Math.sign(weight) * Math.ceil(FAULT_LOSS / Math.abs(weight));
