import { rm } from "node:fs/promises";
import { join } from "node:path";
import { launch } from "./cgroup.ts";
import { type LabPlace, labNode, labStart } from "./lab.ts";
import { hostNames } from "./names.ts";
import type { LabSite } from "./node.ts";
import type { PowerSettings } from "./power-main.ts";
import { programWords } from "./program.ts";
import { writeWhole } from "./state.ts";

/** As long as this file is there, a node that is off is switched on when its time is over. */
const armedFile = ({ paths }: LabSite, node: string): string => join(paths.directory, `power-${node}.json`);

/** Sees that a node is on again after so many seconds, whatever has become of us by then. */
export const armPower = async (
  place: LabPlace,
  site: LabSite,
  node: string,
  seconds: number,
): Promise<void> => {
  labNode(site, node);
  const file = armedFile(site, node);
  const { name, stateRoot, platform } = place;
  const settings: PowerSettings = { name, stateRoot, platform, node, seconds, file };
  await writeWhole(file, JSON.stringify(settings));
  await launch(site.hierarchies, {
    group: `${hostNames(site.record.id).cgroup}/power`,
    words: await programWords("power-main"),
    input: file,
    log: join(site.paths.directory, "power.log"),
  });
};

/** Switches a node on again where it is off, and waits for its login. */
export const restorePower = async (place: LabPlace, site: LabSite, node: string): Promise<void> => {
  await rm(armedFile(site, node), { force: true });
  await labStart(place, node);
};
