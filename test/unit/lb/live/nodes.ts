import { keepalivedConfig } from "../../../../src/lb/keepalived/read-config.ts";
import type { LiveNode } from "../../../../src/lb/live/node.ts";
import type { LiveInstance, LiveState, VrrpState } from "../../../../src/lb/live/state.ts";
import { recorded } from "./recorded.ts";

/** The virtual address of the recorded pair. */
export const VIP = "10.104.56.100";

/** What a test changes of a recorded node. */
export interface Change {
  readonly keepalived?: Partial<LiveState["keepalived"]>;
  readonly haproxy?: Partial<LiveState["haproxy"]>;
  readonly state?: Partial<LiveState>;
  /** Instead of the recorded keepalived.conf. */
  readonly config?: string;
}

/** lb1, the recorded owner, or lb2, its standby; with changes. */
export const node = (name: "lb1" | "lb2", change: Change = {}): LiveNode => {
  const state = recorded(name === "lb1" ? "owner" : "standby");
  const seen: LiveState = {
    ...state,
    ...change.state,
    keepalived: { ...state.keepalived, ...change.keepalived },
    haproxy: { ...state.haproxy, ...change.haproxy },
  };
  const sources =
    change.config === undefined
      ? seen.keepalived.config
      : [{ path: "/etc/keepalived/keepalived.conf", text: change.config }];
  return { name, seen: { kind: "seen", state: seen }, keepalived: keepalivedConfig(sources) };
};

/** A node that did not answer. */
export const dead = (name: string): LiveNode => ({
  name,
  seen: { kind: "unreachable", reason: "timeout" },
  keepalived: null,
});

/** The addresses of a recorded node, with or without the virtual one. */
export const addresses = (name: "lb1" | "lb2", held: boolean): ReadonlySet<string> =>
  new Set([`10.104.56.1${name === "lb1" ? 1 : 2}`, ...(held ? [VIP] : [])]);

/** The only instance of the recorded pair in another state. */
export const instance = (state: VrrpState, priority = 254): readonly LiveInstance[] => [
  {
    name: "VI_1",
    state,
    basePriority: priority,
    effectivePriority: priority,
    lastTransition: null,
    counters: null,
  },
];
