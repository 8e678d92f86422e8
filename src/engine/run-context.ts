import type { Action } from "../core/action.ts";
import type { Place } from "../core/error.ts";
import type { EventSink, TaskLabel } from "../core/event.ts";
import type { LiveInventory, Loader, VarsPrompt } from "../core/play.ts";
import type { Roller } from "../core/roll.ts";
import type { Redactor } from "../core/secret.ts";
import type { ChangeView, Task } from "../core/task.ts";
import type { Connection, NodeAddress } from "../core/transport.ts";
import type { SourceDict, Value } from "../core/value.ts";
import type { ConnectionOptions } from "./connection-settings.ts";
import type { FactCache } from "./fact-cache.ts";

/** What the operator asked for. */
export interface RunSettings {
  readonly mode: "apply" | "check";
  readonly diff: boolean;
  readonly verbosity: number;
  readonly forks: number;
  /** Empty means all. */
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly startAtTask: string | null;
  /** `--limit`, for ansible_limit; null where there is none. */
  readonly limit: string | null;
  /** The ansible.cfg that counts, for ansible_config_file. */
  readonly configFile: string | null;
  readonly forceHandlers: boolean;
  readonly breakLock: boolean;
  readonly extraVars: SourceDict;
  readonly connection: ConnectionOptions;
  readonly defaults: PlayDefaults;
}

/** What counts where a play does not say it: Ansible's settings of the same names. */
export interface PlayDefaults {
  /** implicit: facts are gathered unless a play says no; explicit: only where it says yes; smart: once. */
  readonly gathering: "implicit" | "explicit" | "smart";
  readonly strategy: string | null;
  readonly anyErrorsFatal: boolean;
}

/** What a turn of a task would do, found out in check mode. */
export interface PlannedTurn {
  readonly host: string;
  readonly node: string;
  readonly task: TaskLabel;
  readonly changes: readonly { readonly view: ChangeView; readonly actions: readonly Action[] }[];
  /** Only a run can tell what it does. */
  readonly unrun: boolean;
}

/** A question to the operator; `at` is where it stands, for the error. */
export interface PromptQuestion extends Pick<VarsPrompt, "name" | "prompt" | "private" | "default"> {
  readonly at: Place | null;
}

/** What the engine is given: it imports neither modules nor transports nor reporters. */
export interface RunContext {
  readonly settings: RunSettings;
  readonly inventory: LiveInventory;
  readonly loader: Loader;
  /** A module by any of its names, short ones also in the given collections; null where there is none. */
  readonly module: (name: string, collections: readonly string[]) => Task | null;
  /** What is wrong with a module's parameters by its schema; empty when all is well. */
  readonly validate: (module: string, params: Readonly<Record<string, unknown>>) => readonly string[];
  /** The hosts of a pattern. A strict one throws LbplayErrors for words that match nothing. */
  readonly matchHosts: (pattern: string, strict: boolean) => readonly string[];
  /** The hosts of a pattern, whatever the run is limited to; a word that matches nothing gives none. */
  readonly patternHosts: (pattern: string) => readonly string[];
  readonly connect: (address: NodeAddress) => Promise<Connection>;
  readonly sink: EventSink;
  readonly redactor: Redactor;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  readonly random: () => number;
  /** Fresh random text for framing. */
  readonly nonce: () => string;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** `user@host pid n`: written into the lock of each node. */
  readonly owner: string;
  readonly signal: AbortSignal;
  /** `--step`: whether to run a task; null where nobody asks. */
  readonly confirm: ((task: string) => Promise<"yes" | "no" | "continue">) | null;
  /** Asks a question of vars_prompt. Throws LbplayError where nobody can answer and there is no default. */
  readonly prompt: (question: PromptQuestion) => Promise<string>;
  readonly parseYaml: (text: string) => Value;
  /** Facts that outlive a run; null where none do. */
  readonly factCache: FactCache | null;
  /** Who rolls nodes that belong together; null where all stand for themselves. */
  readonly roller: Roller | null;
  /** Told of what check mode finds; null where nobody collects it. */
  readonly onPlanned: ((turn: PlannedTurn) => void) | null;
}
