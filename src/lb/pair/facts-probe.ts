import { all, map, type Probe, read, text } from "../../core/probe.ts";
import type { NodeFacts } from "./facts.ts";
import { certificateFacts } from "./facts-certificates.ts";
import { fileFacts } from "./facts-files.ts";
import { firewallFacts } from "./facts-firewall.ts";
import { networkFacts } from "./facts-network.ts";
import { selinuxFacts } from "./facts-selinux.ts";
import { systemFacts } from "./facts-system.ts";
import { factsWanted } from "./facts-wanted.ts";
import type { PairNode } from "./pair.ts";

/**
 * Reads what rules ask of a node beside its configurations, in one trip of a few seconds; what to look at comes from
 * them. Needs root, changes nothing, and gives null for what the node lacks the tool for. It opens a connection to each
 * server and asks once who has the virtual addresses. `clock` tells the controller's time in milliseconds and is asked
 * when the answer has come.
 */
export const factsProbe = (
  node: Pick<PairNode, "haproxy" | "keepalived">,
  clock: () => number,
): Probe<NodeFacts> => {
  const wanted = factsWanted(node);
  return map(
    all({
      system: systemFacts(wanted),
      files: fileFacts(wanted),
      certificates: certificateFacts(wanted),
      firewall: firewallFacts,
      selinux: selinuxFacts(wanted),
      network: networkFacts(wanted),
      // The last one, so that nothing but the way back lies between the two clocks.
      time: read("date +%s.%N", (answer) => Number(/^\d+(\.\d+)?/.exec(text(answer))?.[0] ?? Number.NaN)),
    }),
    ({ system, files, certificates, firewall, selinux, network, time }): NodeFacts => ({
      ...system,
      ...files,
      ...certificates,
      ...firewall,
      ...selinux,
      ...network,
      clockOffset: Number.isNaN(time) ? null : time - clock() / 1000,
    }),
  );
};
