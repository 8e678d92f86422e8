import { join } from "node:path";
import { LbplayError } from "../core/error.ts";
import { argv, quote } from "../core/shell.ts";
import { type CommandResult, run } from "./command.ts";
import { labNode } from "./lab.ts";
import { type LabSite, nodeGroup, nodeLeader, nodeState } from "./node.ts";

/**
 * Runs a script as root on a node from its host, not over the network: also where sshd or the cable is what is
 * being broken. What it leaves running belongs to the node and ends with it.
 */
export const execOnNode = async (
  site: LabSite,
  node: string,
  script: string,
  input = "",
): Promise<CommandResult> => {
  labNode(site, node);
  const state = await nodeState(site, node);
  const leader = await nodeLeader(site, node);
  if (state !== "running" || leader === null) {
    throw new LbplayError({ code: "E_LAB_OFF", message: `${node} is ${state}, so nothing can be run on it` });
  }
  const enter = site.hierarchies.all.map((point) => {
    const group = join(point, nodeGroup(site, node));
    return `for group in ${quote(`${group}/supervisor`)} ${quote(group)}; do [ ! -d $group ] || { echo 0 > $group/cgroup.procs && break; }; done`;
  });
  const environment = [
    "env",
    "-i",
    "HOME=/root",
    "LANG=C.UTF-8",
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  ];
  const inside = [
    "nsenter",
    "--target",
    String(leader),
    "--mount",
    "--uts",
    "--ipc",
    "--net",
    "--pid",
    "--root",
    "--wd",
  ];
  return run(
    ["sh", "-c", `cd /\n${enter.join("\n")}\nexec ${argv(...inside, ...environment, "sh", "-c", script)}`],
    input,
  );
};
