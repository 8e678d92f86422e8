import { LbplayError } from "../core/error.ts";
import { setFrozen } from "./cgroup.ts";
import { labNode } from "./lab.ts";
import { type LabSite, nodeGroup, nodeState, powerOff, setPlugged } from "./node.ts";

/** Pulls a node's network cable: both ends lose their carrier. */
export const pullCable = async (site: LabSite, node: string): Promise<void> => {
  await refuseOff(site, node);
  await setPlugged(site, node, false);
};

/** Puts a node's network cable back. */
export const plugCable = async (site: LabSite, node: string): Promise<void> => {
  await refuseOff(site, node);
  await setPlugged(site, node, true);
};

/** Stops all of a node's processes where they are; its kernel still answers pings and accepts connections. */
export const freeze = async (site: LabSite, node: string): Promise<void> => {
  await refuseOff(site, node);
  await setFrozen(site.hierarchies, nodeGroup(site, node), true);
};

/** Lets a frozen node go on. */
export const thaw = async (site: LabSite, node: string): Promise<void> => {
  await refuseOff(site, node);
  await setFrozen(site.hierarchies, nodeGroup(site, node), false);
};

/** Cuts a node's power: every process ends at once, nothing is written any more. labStart boots it again. */
export const kill = async (site: LabSite, node: string): Promise<void> => {
  labNode(site, node);
  await powerOff(site, node);
};

const refuseOff = async (site: LabSite, node: string): Promise<void> => {
  labNode(site, node);
  if ((await nodeState(site, node)) !== "off") return;
  throw new LbplayError({
    code: "E_LAB_OFF",
    message: `${node} is off`,
    hint: `lbplay lab start ${node} --name ${site.record.name}`,
  });
};
