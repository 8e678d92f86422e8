import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "./lock.ts";
import { allReservations } from "./subnet.ts";

/** A kernel setting of the host that labs need at least this high. */
interface HostSetting {
  readonly name: string;
  readonly path: string;
  readonly least: number;
}

const SETTINGS: readonly HostSetting[] = [
  { name: "ip_forward", path: "/proc/sys/net/ipv4/ip_forward", least: 1 },
  // Every node's systemd takes eight or so of root's; the kernel's 128 end in nodes that boot only in part.
  { name: "max_user_instances", path: "/proc/sys/fs/inotify/max_user_instances", least: 8192 },
];

/** Holds what a setting was before the first lab; there only while a lab has changed it. */
const markOf = (stateRoot: string, { name }: HostSetting): string => join(stateRoot, `${name}.before`);

/** Several labs share the host's settings. */
const settingsLock = (stateRoot: string) => ({ stateRoot, name: "host-settings", onWait: () => {} });

/** Raises what is too low for a lab, and remembers what it was. */
export const raiseSettings = (stateRoot: string): Promise<void> =>
  withLock(settingsLock(stateRoot), async () => {
    for (const setting of SETTINGS) {
      const before = (await readFile(setting.path, "utf8")).trim();
      if (Number(before) >= setting.least) continue;
      await writeFile(markOf(stateRoot, setting), `${before}\n`);
      await writeFile(setting.path, `${setting.least}\n`);
    }
  });

/** Gives up a lab's claim by `release`, and restores the settings when no lab is left; twice is fine. */
export const restoreSettings = (stateRoot: string, release: () => Promise<void>): Promise<void> =>
  withLock(settingsLock(stateRoot), async () => {
    await release();
    if ((await allReservations(stateRoot)).length > 0) return;
    for (const setting of SETTINGS) {
      const before = await readFile(markOf(stateRoot, setting), "utf8").catch(() => null);
      if (before === null) continue;
      await writeFile(setting.path, before);
      await rm(markOf(stateRoot, setting));
    }
  });
