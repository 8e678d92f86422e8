import { keepalivedConfig } from "../lb/keepalived/read-config.ts";
import type { LiveNode } from "../lb/live/node.ts";
import type { LiveState } from "../lb/live/state.ts";

/** A node as it was seen, with its keepalived.conf understood. */
export const keepalivedOf = (name: string, state: LiveState): LiveNode => {
  const { config } = state.keepalived;
  return {
    name,
    seen: { kind: "seen", state },
    keepalived: config.length === 0 ? null : keepalivedConfig(config, name.split(".")[0]),
  };
};
