import type { Place } from "./error.ts";
import type { Expression, Source, SourceDict, Value } from "./value.ts";

/** A playbook, read and checked: what config hands to the engine. Static imports and roles are already unfolded. */
export interface Playbook {
  readonly path: string;
  readonly plays: readonly Play[];
}

/** A keyword's value that may still hold templates. */
export type Keyword = Source;

/** One play. */
export interface Play {
  readonly name: string | null;
  readonly at: Place;
  /** Host pattern, or a template of one. */
  readonly hosts: Keyword;
  /** null: facts are gathered. */
  readonly gatherFacts: Keyword | null;
  /** What setup is given: gather_subset, gather_timeout, fact_path. */
  readonly gather: SourceDict;
  readonly serial: Keyword | null;
  readonly strategy: Keyword | null;
  readonly order: Keyword | null;
  readonly anyErrorsFatal: Keyword | null;
  readonly maxFailPercentage: Keyword | null;
  readonly forceHandlers: Keyword | null;
  readonly vars: SourceDict;
  /** vars_files, each a path or a list of which the first that exists counts. */
  readonly varsFiles: readonly Keyword[];
  readonly varsPrompt: readonly VarsPrompt[];
  readonly keywords: Keywords;
  /** In the order of running: pre_tasks, roles, tasks, post_tasks. Handlers are flushed after all but the roles. */
  readonly sections: readonly (readonly Step[])[];
  /** The play's own and those of its static roles. */
  readonly handlers: readonly Step[];
  /** The roles of `roles:` and of static imports, dependencies first: their defaults and vars are seen by the whole play. */
  readonly roles: readonly RoleInstance[];
}

/** A question asked before a play. */
export interface VarsPrompt {
  readonly name: string;
  readonly prompt: string;
  readonly private: boolean;
  readonly default: string | null;
  /** Asked for twice. */
  readonly confirm: boolean;
  /** The scheme of the hash that the variable gets: sha512_crypt, …; null: the answer itself. */
  readonly encrypt: string | null;
  /** null: a random one, of `saltSize` characters where that is given. */
  readonly salt: string | null;
  readonly saltSize: number | null;
  readonly at: Place;
}

/** Something in a list of tasks. */
export type Step = TaskStep | BlockStep | IncludeStep | MetaStep;

/** A block with its rescue and always parts; keywords of the block are already merged into its members. */
export interface BlockStep {
  readonly kind: "block";
  readonly name: string | null;
  readonly at: Place;
  readonly block: readonly Step[];
  readonly rescue: readonly Step[];
  readonly always: readonly Step[];
  /** Conditions and the like are on the members; these decide about the block as a whole (any_errors_fatal, ignore_errors, tags). */
  readonly keywords: Keywords;
}

/** A task that runs a module. */
export interface TaskStep {
  readonly kind: "task";
  readonly name: Source | null;
  readonly at: Place;
  /** As the user wrote it: short name or FQCN. */
  readonly module: string;
  readonly moduleAt: Place;
  /** The module's arguments; free-form text is under the key `_raw_params`. */
  readonly args: Source;
  /** Where an argument stands: `["mode"]` or `["rules", "0", "port"]`; the nearest place that is known. */
  readonly argPlace: (path: readonly string[]) => Place;
  readonly keywords: Keywords;
  readonly role: RoleInstance | null;
  /** Only on a handler: further names under which it is notified. */
  readonly listen: readonly string[];
}

/** include_tasks, include_role and their kind: unfolded when a host gets there. import_* never reaches the engine. */
export interface IncludeStep {
  readonly kind: "include";
  readonly what: "tasks" | "role" | "vars";
  /** As the user wrote it: `include_tasks`, `ansible.builtin.include_role`, the old `include`. */
  readonly module: string;
  readonly name: Source | null;
  readonly at: Place;
  /** Under Ansible's names; a text alone (`include_tasks: x.yml`) is under `file`. `apply` is already in `inherited`. */
  readonly args: Source;
  readonly argPlace: (path: readonly string[]) => Place;
  readonly keywords: Keywords;
  /** Its own `vars`: the included steps see them above everything but extra variables. */
  readonly params: SourceDict;
  /** What the included steps inherit: of the include itself only its vars, its `apply` and what it inherited. */
  readonly inherited: Keywords;
  readonly role: RoleInstance | null;
  /** In a list of handlers. */
  readonly handler: boolean;
}

/** meta: flush_handlers, end_play, end_host, clear_facts, refresh_inventory, noop, … */
export interface MetaStep {
  readonly kind: "meta";
  readonly action: string;
  readonly at: Place;
  readonly keywords: Keywords;
  readonly role: RoleInstance | null;
}

/**
 * The keywords of a task with those of its blocks, role and play merged in as Ansible inherits them:
 * lists are outermost first, single values the innermost that was set, null where nobody set one.
 */
export interface Keywords {
  /** All must hold. */
  readonly when: readonly Expression[];
  readonly tags: readonly Source[];
  /** Variable layers of play-independent scopes: role parameters excluded, block vars outermost first, then the task's own. */
  readonly vars: readonly SourceDict[];
  readonly environment: readonly Source[];
  readonly become: Keyword | null;
  readonly becomeUser: Keyword | null;
  readonly becomeMethod: Keyword | null;
  readonly becomeFlags: Keyword | null;
  readonly becomeExe: Keyword | null;
  readonly remoteUser: Keyword | null;
  readonly port: Keyword | null;
  readonly connection: Keyword | null;
  readonly ignoreErrors: Keyword | null;
  readonly ignoreUnreachable: Keyword | null;
  readonly anyErrorsFatal: Keyword | null;
  readonly runOnce: Keyword | null;
  readonly throttle: Keyword | null;
  readonly checkMode: Keyword | null;
  readonly diff: Keyword | null;
  readonly noLog: Keyword | null;
  readonly delegateTo: Keyword | null;
  readonly delegateFacts: Keyword | null;
  readonly timeout: Keyword | null;
  /** Layers of module defaults, outermost first: module or `group/x` → arguments. */
  readonly moduleDefaults: readonly SourceDict[];
  readonly collections: readonly string[];
  readonly debugger: Keyword | null;
  // The rest only ever stands on a task itself.
  readonly register: string | null;
  readonly notify: readonly Source[];
  readonly changedWhen: readonly Expression[] | null;
  readonly failedWhen: readonly Expression[] | null;
  readonly until: readonly Expression[] | null;
  readonly retries: Keyword | null;
  readonly delay: Keyword | null;
  readonly loop: Loop | null;
  readonly async: Keyword | null;
  readonly poll: Keyword | null;
}

/** `loop:` or `with_<lookup>:`. */
export interface Loop {
  /** null for `loop:`, else the lookup: `items`, `dict`, `fileglob`, … */
  readonly lookup: string | null;
  readonly items: Source;
  readonly at: Place;
  readonly loopVar: string;
  readonly indexVar: string | null;
  readonly label: Source | null;
  readonly pause: Keyword | null;
  readonly extended: boolean;
  /** Whether `ansible_loop.allitems` is given (extended_allitems). */
  readonly extendedAllItems: boolean;
}

/** One use of a role. */
export interface RoleInstance {
  readonly name: string;
  /** The role's directory. */
  readonly path: string;
  readonly defaults: SourceDict;
  readonly vars: SourceDict;
  /** Keys of the role's use that are no keywords (`roles: - role: x  port: 80`); its `vars:` are below those of the role. */
  readonly params: SourceDict;
  /** Its argument specs as they are written, by entry point; empty where it has none. */
  readonly argumentSpecs: SourceDict;
  /** The role (and so on upwards) that depends on or included this one; its variables are seen here too. */
  readonly parent: RoleInstance | null;
  /** From meta: may run more than once with the same parameters. */
  readonly allowDuplicates: boolean;
  /** The same for uses of one role with the same parameters: after one of them ran on a host, the others are passed over. */
  readonly identity: string;
}

/** What the engine asks of config while a play runs: the files of dynamic includes. */
export interface Loader {
  /** The steps of a task file. `parent` is the including step, whose keywords the members inherit. Throws LbplayErrors. */
  readonly includeTasks: (file: string, parent: IncludeStep) => readonly Step[];
  /** A role's steps and handlers. Throws LbplayErrors. */
  readonly includeRole: (
    role: {
      name: string;
      tasksFrom: string | null;
      varsFrom: string | null;
      defaultsFrom: string | null;
      handlersFrom: string | null;
      public: boolean;
      /** Whether its arguments are validated by its argument spec. */
      validates: boolean;
    },
    parent: IncludeStep,
  ) => {
    readonly steps: readonly Step[];
    readonly handlers: readonly Step[];
    readonly instance: RoleInstance;
  };
  /** A file of variables (include_vars, vars_files), decrypted. Throws LbplayErrors. */
  readonly loadVars: (file: string) => SourceDict;
  /** A controller's file as it is, or decrypted where it is a vault. Throws LbplayErrors. */
  readonly readFile: (path: string) => Buffer;
  /** The directories in which `kind` files of a step are searched, nearest first: role's, then the playbook's. */
  readonly searchPath: (
    kind: "files" | "templates" | "vars" | "tasks",
    role: RoleInstance | null,
    at: Place,
  ) => readonly string[];
}

/** The machines: what config makes of all inventory sources, with group_vars and host_vars merged in. */
export interface Inventory {
  /** In inventory order. */
  readonly hosts: ReadonlyMap<string, InventoryHost>;
  readonly groups: ReadonlyMap<string, InventoryGroup>;
  /** The directory of the first source, for `inventory_dir`. */
  readonly directory: string | null;
  readonly file: string | null;
}

/** An inventory that a run can change (add_host, group_by, meta: refresh_inventory): whoever holds it sees each change. */
export interface LiveInventory extends Inventory {
  /** Performs a change that a task asks for; true where the inventory is another one afterwards. Throws LbplayError. */
  readonly change: (change: InventoryChange) => boolean;
  /** Reads all sources again; what tasks changed is kept. Throws LbplayErrors, and is then as it was. */
  readonly refresh: () => void;
  /** A copy: what is changed in it changes nothing here. */
  readonly fork: () => LiveInventory;
}

/** What a task wants of the inventory. */
export type InventoryChange =
  | {
      readonly kind: "host";
      /** `name` or `name:port`. */
      readonly name: string;
      readonly groups: readonly string[];
      readonly vars: ReadonlyMap<string, Value>;
    }
  | {
      readonly kind: "group";
      /** The host that joins the group. */
      readonly host: string;
      readonly group: string;
      readonly parents: readonly string[];
    };

/** One host. `vars` is merged by Ansible's precedence from all groups, files and the host itself; templates in it are not yet rendered. */
export interface InventoryHost {
  readonly name: string;
  /** Sorted as `group_names` is: by name, without `all` and `ungrouped`'s parents. */
  readonly groups: readonly string[];
  readonly vars: SourceDict;
}

/** One group with all its hosts, those of its children included. */
export interface InventoryGroup {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly children: readonly string[];
  readonly vars: SourceDict;
}
