import type { RollJob } from "../core/roll.ts";
import { TransportError } from "../core/transport.ts";
import { keepalivedConfig } from "../lb/keepalived/read-config.ts";
import { liveProbe } from "../lb/live/live.ts";
import { type LiveNode, stateOf } from "../lb/live/node.ts";
import type { NodeFiles } from "../lb/roll/impact.ts";
import type { RollPair } from "./parts.ts";

/** Looks at all nodes of a pair at once, those that the run leaves alone too. */
export const survey = (pair: RollPair, job: RollJob): Promise<readonly LiveNode[]> =>
  Promise.all(pair.hosts.map((host) => look(host, job)));

const look = async (name: string, job: RollJob): Promise<LiveNode> => {
  try {
    const state = await job.read(name, liveProbe);
    const files = state.keepalived.config;
    return {
      name,
      seen: { kind: "seen", state },
      keepalived: files.length === 0 ? null : keepalivedConfig(files),
    };
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return { name, seen: { kind: "unreachable", reason: error.message }, keepalived: null };
  }
};

/** The files of a node's daemons as they were seen. */
export const filesOf = (node: LiveNode | null): NodeFiles => {
  const state = node === null ? null : stateOf(node);
  return { haproxy: state?.haproxy.config ?? [], keepalived: state?.keepalived.config ?? [] };
};
