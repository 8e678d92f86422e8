import type { Action, ActionOutcome } from "./action.ts";
import { LbplayError } from "./error.ts";
import type { InventoryChange } from "./play.ts";
import type { Probe, ReadResult } from "./probe.ts";
import type { Schema } from "./schema.ts";
import type { Value } from "./value.ts";

/** What a person is shown of one change: `field will change from before to after`. */
export interface ChangeView {
  /** e.g. `mode`, `content`, `net.ipv4.ip_forward`, `package haproxy`. */
  readonly field: string;
  /** null: was not there. Text of several lines is shown as a diff. */
  readonly before: string | null;
  /** null: will be removed. */
  readonly after: string | null;
  /** An event rather than a state (a restart, a cache refresh): reading again cannot show that it happened. */
  readonly event?: boolean;
  /** Done, but does not make the task count as changed: what Ansible's module does without saying so (daemon-reload). */
  readonly quiet?: boolean;
  /** The texts are secret and must not be shown. */
  readonly secret?: boolean;
}

/** What stands between the node and the desired state. */
export type Plan<C> =
  | { readonly kind: "converged" }
  | { readonly kind: "changes"; readonly changes: readonly [C, ...C[]] }
  /** The node lacks what the task works on: no such unit, no such kernel key. Fails, or in check mode below a pending change "would follow". */
  | {
      readonly kind: "blocked";
      readonly reason: string;
      /** Where it is certain that nothing will be left to do once the pending change is made: "ok" in check mode. */
      readonly foreseen?: "converged";
    };

/** A plan from a list of changes that may be empty. */
export const planOf = <C>(changes: readonly C[]): Plan<C> => {
  const [first, ...rest] = changes;
  return first === undefined ? { kind: "converged" } : { kind: "changes", changes: [first, ...rest] };
};

/** A file on the controller that a module needs: the engine reads (or renders) it before the module is asked. */
export interface InputRequest {
  /**
   * `file`: as it is; `template`: rendered with the task's variables; `tree`: a directory with all that is in it, or a
   * file as it is; `destination`: where something of the node is to be written, relative to the playbook's directory,
   * and what is there.
   */
  readonly kind: "file" | "template" | "tree" | "destination";
  /** As the user wrote it; searched in the role's and the playbook's `files/` or `templates/`. */
  readonly path: string;
  /** Of a destination: the path goes on with the host's name in the inventory and this path. */
  readonly perHost?: string;
  /** Jinja2 settings of the template module. */
  readonly settings?: Readonly<Record<string, boolean | string>>;
}

/** A controller's file, read. `entries` is empty except for a tree, whose paths are relative to it. */
export interface Input {
  readonly path: string;
  readonly content: Buffer;
  /** Permission bits on the controller, e.g. 0o644. */
  readonly mode: number;
  /** Only for a tree or a destination: the path is a directory. */
  readonly directory: boolean;
  /** Only for a destination: nothing is there yet. */
  readonly absent?: boolean;
  readonly entries: readonly InputEntry[];
}

/** One member of a tree; a directory's content is null. */
export interface InputEntry {
  readonly path: string;
  readonly content: Buffer | null;
  readonly mode: number;
}

/** The inputs in the order of their requests. */
export type Inputs = readonly Input[];

/** A file of the controller that shall have a content of the node's. */
export interface KeptFile {
  readonly path: string;
  readonly content: Buffer;
  /** Permission bits of a file that is new. */
  readonly mode: number;
}

/** What every module has. */
interface ModuleBase<Params> {
  /** Ansible's short name. */
  readonly name: string;
  /** Its full name first, e.g. `ansible.builtin.copy`, then other names it answers to. */
  readonly aliases: readonly string[];
  /** One sentence: what it is for. */
  readonly summary: string;
  /** Parameters under Ansible's names: types, defaults, descriptions. Params holds every property, defaults filled in, null for absent. */
  readonly schema: Schema;
  /** The parameter that takes free-form text, as in `command: uptime`; null for none. */
  readonly freeForm?: string;
  /** A YAML example for `--help` and the docs; a test runs it through the schema. */
  readonly example: string;
  /** Rules between parameters that the schema cannot say; each message is shown at the task. */
  readonly rules?: (params: Params) => readonly string[];
  readonly inputs?: (params: Params) => readonly InputRequest[];
}

/** A module that describes a state: pure functions from reads to a plan to actions. Nothing here touches a node. */
export interface StateModule<Params, Facts, Change> extends ModuleBase<Params> {
  readonly kind: "state";
  readonly inspect: (params: Params, inputs: Inputs) => Probe<Facts>;
  readonly diff: (params: Params, facts: Facts, inputs: Inputs) => Plan<Change>;
  readonly view: (change: Change) => ChangeView;
  readonly apply: (change: Change) => readonly Action[];
  /** What is to be written on the controller for a change: all that ever leaves a node for a file. */
  readonly keeps?: (change: Change) => readonly KeptFile[];
  /** What `register` sees besides changed and failed, from the facts after the change (or, in check mode, before it). */
  readonly result?: (params: Params, facts: Facts, inputs: Inputs) => Readonly<Record<string, Value>>;
  /** What `register` sees of how it was (`before`), always from the facts before the change. */
  readonly was?: (params: Params, facts: Facts) => Readonly<Record<string, Value>>;
}

/** A module that does something each time (command, uri): not run in check mode, and reading again proves nothing. */
export interface ActionModule<Params, Facts> extends ModuleBase<Params> {
  readonly kind: "action";
  readonly inspect: (params: Params, inputs: Inputs) => Probe<Facts>;
  /** What to do, or why nothing is to be done (`creates` exists). */
  readonly decide: (params: Params, facts: Facts, inputs: Inputs) => ActionDecision;
  /** What came of it. Outcomes are in the order of the actions; an action that failed is the last. */
  readonly result: (params: Params, outcomes: readonly ActionOutcome[]) => ActionReport;
  /** True where it only asks (wait_for, uri GET): what was read of the node stays valid, and it runs in check mode. */
  readonly harmless?: (params: Params) => boolean;
}

/** What an action module wants done. */
export type ActionDecision =
  | {
      readonly kind: "run";
      readonly actions: readonly [Action, ...Action[]];
      /** What was read shows that it is needed (`creates` is not there): check mode then knows of a change. */
      readonly needed?: boolean;
    }
  | { readonly kind: "done"; readonly msg: string; readonly values: Readonly<Record<string, Value>> };

/** What an action module reports: `values` is what `register` sees besides changed, failed and msg. */
export interface ActionReport {
  readonly changed: boolean;
  readonly failed: boolean;
  readonly msg: string | null;
  readonly values: Readonly<Record<string, Value>>;
}

/** A module that runs on the controller alone and touches no node: debug, assert, fail, set_fact. */
export interface ControllerModule<Params> extends ModuleBase<Params> {
  readonly kind: "controller";
  readonly run: (params: Params, scope: EvaluationScope) => ControllerReport;
  /** It is about no host in particular: the first one does it, and alone has its result. */
  readonly once?: true;
}

/** What a controller module may ask of the task's variables. */
export interface EvaluationScope {
  /** A text with the templates in it rendered; other texts as they are. */
  readonly render: (text: string) => Value;
  /** The value of a bare expression. */
  readonly evaluate: (expression: string) => Value;
  /** The truth of a condition, as `when:` decides it. */
  readonly truth: (condition: string) => boolean;
  /** The value of a variable, resolved; undefined where there is none. */
  readonly variable: (name: string) => Value | undefined;
  readonly verbosity: number;
}

/** What a controller module reports. */
export interface ControllerReport extends ActionReport {
  /** Variables that the host has from now on (set_fact). */
  readonly facts: ReadonlyMap<string, Value>;
  /** What it wants of the inventory (add_host, group_by); whether that makes another one of it is what `changed` is then. */
  readonly inventory?: InventoryChange;
  /** Figures for the end of the run (set_stats). */
  readonly stats?: StatsChange;
}

/** Figures by name, of the host alone or of the whole run, added to what is there or instead of it. */
export interface StatsChange {
  readonly figures: ReadonlyMap<string, Value>;
  readonly perHost: boolean;
  readonly aggregate: boolean;
}

/** A module that says what the engine itself shall do with its connections and its time: reboot, wait_for_connection, pause. */
export interface EngineModule<Params> extends ModuleBase<Params> {
  readonly kind: "engine";
  readonly order: (params: Params) => Order;
  /** The first host does it for all, and alone has its result. */
  readonly once?: true;
}

/** What only the engine can do. Times are in milliseconds. */
export type Order =
  /** Waits for a time, or for somebody at the terminal to press return. */
  | {
      readonly kind: "pause";
      readonly forMs: number | null;
      /** What the time is told in afterwards. */
      readonly unit: "minutes" | "seconds";
      readonly prompt: string | null;
      readonly echo: boolean;
    }
  | ({ readonly kind: "wait-for-connection"; readonly delayMs: number; readonly sleepMs: number } & Patience)
  | ({
      readonly kind: "reboot";
      /** Boots the node. It may be cut off by that. */
      readonly script: string;
      /** Prints something that is another after each boot. */
      readonly bootId: string;
      /** Ends with 0 once the node can be worked with again. */
      readonly test: string;
      readonly delayMs: number;
    } & Patience);

/** For how long a connection is tried again. */
interface Patience {
  readonly timeoutMs: number;
  /** For one try; null: what the node's connection has anyway. */
  readonly connectTimeoutMs: number | null;
}

/** A module with its types closed over: what the registry lists and the engine runs. */
export interface Task {
  readonly kind: "state" | "action" | "controller" | "engine";
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly schema: Schema;
  readonly freeForm: string | null;
  readonly example: string;
  /** The first host does it for all. */
  readonly once: boolean;
  /** Messages of the module's own rules for coerced, valid parameters. */
  readonly rules: (params: Params) => readonly string[];
  readonly inputs: (params: Params) => readonly InputRequest[];
  readonly bind: (params: Params, inputs: Inputs) => BoundTask;
}

/** Parameters as they come out of coercion and validation. */
export type Params = Readonly<Record<string, unknown>>;

/** A task with its parameters: what to read, and what follows from the answers. */
export type BoundTask =
  | { readonly kind: "state"; readonly probe: Probe<PlannedState> }
  | { readonly kind: "action"; readonly probe: Probe<PlannedAction>; readonly harmless: boolean }
  | { readonly kind: "controller"; readonly run: (scope: EvaluationScope) => ControllerReport }
  | { readonly kind: "engine"; readonly order: Order };

/** A state task decided for one node. */
export interface PlannedState {
  readonly plan: Plan<{
    readonly view: ChangeView;
    readonly actions: readonly Action[];
    readonly keeps: readonly KeptFile[];
  }>;
  readonly values: Readonly<Record<string, Value>>;
  /** What counts of the first look, also after a change. */
  readonly was: Readonly<Record<string, Value>>;
}

/** An action task decided for one node. */
export interface PlannedAction {
  readonly decision: ActionDecision;
  readonly report: (outcomes: readonly ActionOutcome[]) => ActionReport;
}

/** Closes a state module over its types, so that the engine knows nothing but reads, plans and actions. */
export const defineState = <P, F, C>(module: StateModule<P, F, C>): Task => ({
  ...described(module),
  kind: "state",
  bind: (raw, inputs) => {
    const params = raw as P;
    const probe = module.inspect(params, inputs);
    const parse = (answers: readonly ReadResult[]): PlannedState => {
      const facts = probe.parse(answers);
      const plan = module.diff(params, facts, inputs);
      return {
        plan: seen(module, plan),
        values: module.result?.(params, facts, inputs) ?? {},
        was: module.was?.(params, facts) ?? {},
      };
    };
    return { kind: "state", probe: { reads: probe.reads, parse } };
  },
});

const seen = <P, F, C>(module: StateModule<P, F, C>, plan: Plan<C>): PlannedState["plan"] => {
  if (plan.kind !== "changes") return plan;
  return planOf(
    plan.changes.map((change) => ({
      view: module.view(change),
      actions: module.apply(change),
      keeps: module.keeps?.(change) ?? [],
    })),
  );
};

/** Closes an action module over its types. */
export const defineAction = <P, F>(module: ActionModule<P, F>): Task => ({
  ...described(module),
  kind: "action",
  bind: (raw, inputs) => {
    const params = raw as P;
    const probe = module.inspect(params, inputs);
    const parse = (answers: readonly ReadResult[]): PlannedAction => ({
      decision: module.decide(params, probe.parse(answers), inputs),
      report: (outcomes) => module.result(params, outcomes),
    });
    return {
      kind: "action",
      probe: { reads: probe.reads, parse },
      harmless: module.harmless?.(params) ?? false,
    };
  },
});

/** Closes a controller module over its types. */
export const defineController = <P>(module: ControllerModule<P>): Task => ({
  ...described(module),
  once: module.once ?? false,
  kind: "controller",
  bind: (raw) => ({ kind: "controller", run: (scope) => module.run(raw as P, scope) }),
});

/** Closes an engine module over its types. */
export const defineOrder = <P>(module: EngineModule<P>): Task => ({
  ...described(module),
  once: module.once ?? false,
  kind: "engine",
  bind: (raw) => ({ kind: "engine", order: module.order(raw as P) }),
});

const described = <P>(module: ModuleBase<P>) => ({
  name: module.name,
  aliases: module.aliases,
  summary: module.summary,
  schema: module.schema,
  freeForm: module.freeForm ?? null,
  example: module.example,
  once: false,
  rules: (params: Params) => module.rules?.(params as P) ?? [],
  inputs: (params: Params) => module.inputs?.(params as P) ?? [],
});

/** The error of a module that finds its parameters unusable only when it plans (a key that fits no certificate). */
export const unusable = (message: string, hint: string | null = null): LbplayError =>
  new LbplayError({ code: "E_PARAMETER", message, hint });
