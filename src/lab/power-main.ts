import { existsSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { labStart } from "./lab.ts";

/** What the program is told on its standard input. */
export interface PowerSettings {
  readonly name: string;
  readonly stateRoot: string;
  readonly platform: string;
  readonly node: string;
  readonly seconds: number;
  /** Somebody else sees to the node where it is gone. */
  readonly file: string;
}

/*
 * Switches a node of a lab on again that somebody has switched off or rebooted, if he has not done so himself in time.
 * Outlives whoever started it; seconds are counted, as a clock may jump.
 */
// Only armPower() writes this.
const settings = JSON.parse(readFileSync(0, "utf8")) as PowerSettings;
const { name, stateRoot, platform, node, seconds, file } = settings;
for (let left = seconds; left > 0 && existsSync(file); left -= 1) await sleep(1000);
if (existsSync(file)) {
  rmSync(file, { force: true });
  await labStart({ name, stateRoot, platform, onProgress: () => undefined, now: () => Date.now() }, node);
}
