import type { Play } from "../core/play.ts";
import type { Probe, ReadResult } from "../core/probe.ts";
import { TransportError } from "../core/transport.ts";
import { onEach } from "./on-each.ts";
import { playRunOf } from "./play-parts.ts";
import { closeAll } from "./play-run.ts";
import type { RunContext } from "./run-context.ts";
import { createRunState } from "./run-state.ts";
import type { Work } from "./session.ts";
import { scopeOf } from "./turns.ts";
import { NO_SURROUNDINGS } from "./variables.ts";
import { within } from "./within.ts";

/** A host that a command works with outside of any playbook. */
export interface Node {
  readonly name: string;
  /**
   * Reads the node as it is now, in one round trip once it is connected. Throws TransportError; also where no answer came
   * within `limitMs`, when the connection is given up.
   */
  readonly read: <T>(probe: Probe<T>, limitMs?: number) => Promise<T>;
  /** Runs a script on the node, with the same limit; what it answers is a value, a failure too. */
  readonly act: (script: string, limitMs?: number) => Promise<ReadResult>;
  /** Gives the connection up; the next read or act opens another one. */
  readonly reset: () => Promise<void>;
}

/** Hosts of the inventory, reached as a play reaches them; each is connected to when it is first asked. */
export interface Nodes {
  readonly all: readonly Node[];
  readonly close: () => Promise<void>;
}

/** What a node answered, or why it did not. */
export type Answer<T> =
  | { readonly kind: "answered"; readonly value: T }
  | { readonly kind: "unreachable"; readonly error: TransportError };

/** Hosts of the inventory for a play without tasks (config's adHocPlay). In check mode they are not locked. */
export const openNodes = (play: Play, names: readonly string[], context: RunContext): Nodes => {
  const state = createRunState(context);
  const hosts = names.map(state.hostState);
  const run = playRunOf({ play, name: "", prompted: new Map(), all: hosts }, hosts, state);
  const step = { role: null, at: play.at, keywords: play.keywords };
  return {
    all: hosts.map((host): Node => {
      const scope = scopeOf(step, { host, ...NO_SURROUNDINGS, speculative: false }, run);
      const session = run.sessionOf(host.name, step, scope);
      const become = run.becomeOf(step, host.name, scope);
      return {
        name: host.name,
        read: async (probe, limitMs) =>
          probe.parse(await within(session, limitMs, session.askAnew(become, probe.reads))),
        act: async (script, limitMs) => {
          const { outcomes } = await within(session, limitMs, session.act(become, workOf(script)));
          const [outcome] = outcomes;
          if (outcome === undefined) throw new Error(`${host.name} did not come to the script`);
          return outcome;
        },
        reset: () => session.reset(),
      };
    }),
    close: () => closeAll(state.sessions),
  };
};

const workOf = (script: string): Work => ({
  actions: [{ kind: "script", script, okCodes: "any" }],
  owes: [],
  environment: {},
  again: [],
  ahead: () => [],
  harmless: false,
  timeoutMs: null,
});

/** Asks nodes, `width` of them at the same time; one that cannot be reached does not keep the others from answering. */
export const probeNodes = async <T>(
  nodes: readonly Node[],
  width: number,
  probe: (node: Node) => Probe<T>,
  limitMs?: number,
): Promise<ReadonlyMap<string, Answer<T>>> => {
  const answers = await onEach(nodes, width, async (node): Promise<readonly [string, Answer<T>]> => {
    try {
      return [node.name, { kind: "answered", value: await node.read(probe(node), limitMs) }];
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      return [node.name, { kind: "unreachable", error }];
    }
  });
  return new Map(answers);
};
