import type { HostKeyChecking } from "../core/transport.ts";
import type { LabFault, ProviderName, UpWish } from "../lab/provider.ts";
import type { Version } from "../lb/version.ts";
import type { ListingRequest } from "../report/lists.ts";
import type { Shard } from "./shard.ts";

/** `lbplay run` as asked for: plain data, nothing read yet. Absent is null, a list not given is empty. */
export interface RunOptions {
  readonly playbooks: readonly string[];
  readonly inventories: readonly string[];
  readonly check: boolean;
  readonly diff: boolean;
  readonly limit: string | null;
  /** The part of the inventory that this run is for; null: all of it. */
  readonly shard: Shard | null;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly startAtTask: string | null;
  /** Ask before each task. */
  readonly step: boolean;
  /** What to list instead of running; null for a run. */
  readonly listing: ListingRequest | null;
  readonly syntaxCheck: boolean;
  /** `key=value …`, `@file`, or YAML or JSON in braces; later ones win. */
  readonly extraVars: readonly string[];
  readonly forks: number;
  readonly connection: ConnectionRequest;
  readonly credentials: CredentialRequest;
  readonly forceHandlers: boolean;
  readonly breakLock: boolean;
  /** Change the owner of a pair although no other node could take over. */
  readonly allowUnfit: boolean;
  /** Milliseconds without an answer that rolling a pair may cost; null: what the pair's settings say. */
  readonly maxOutageMs: number | null;
  /** Why a pair is not linted before it is rolled; null: it is. */
  readonly noLint: string | null;
  /** A pair's addresses are moved to the other node and back in the end. */
  readonly proveFailover: boolean;
  readonly verbosity: number;
  readonly output: OutputKind;
  /** A file for an HTML report; null: none is written. */
  readonly report: string | null;
  /** Exit with 4 where check mode finds changes. */
  readonly exitCode: boolean;
}

/** How nodes are reached where neither inventory nor playbook says it. */
export interface ConnectionRequest {
  readonly connection: string | null;
  readonly user: string | null;
  readonly privateKeyFile: string | null;
  readonly sshCommonArgs: string | null;
  readonly hostKeyChecking: HostKeyChecking | null;
  readonly timeoutSeconds: number;
  readonly become: boolean;
  readonly becomeUser: string | null;
  readonly becomeMethod: string | null;
}

/** Where passwords come from: asked for or read from files, never from the command line. */
export interface CredentialRequest {
  readonly askConnection: boolean;
  readonly askBecome: boolean;
  readonly connectionFile: string | null;
  readonly becomeFile: string | null;
  readonly askVault: boolean;
  readonly vaultFiles: readonly string[];
  /** `label@file` or `label@prompt`. */
  readonly vaultIds: readonly string[];
}

/** `auto`: live on a terminal, else plain. */
export type OutputKind = "plain" | "json" | "live" | "auto";

/** Which nodes a command reads without a playbook, and how it reaches them. */
export interface LiveOptions {
  readonly inventories: readonly string[];
  readonly limit: string | null;
  readonly extraVars: readonly string[];
  readonly forks: number;
  readonly connection: ConnectionRequest;
  readonly credentials: CredentialRequest;
}

/** How the commands for a pair speak. */
export type PairOutput = "plain" | "json";

/** `lbplay status` as asked for. */
export interface StatusOptions {
  readonly live: LiveOptions;
  /** null: all pairs. */
  readonly pair: string | null;
  /** null: look once. */
  readonly watchSeconds: number | null;
  readonly output: PairOutput;
  /** A file for an HTML report; null: none is written. */
  readonly report: string | null;
}

/** `lbplay diagnose` as asked for. */
export interface DiagnoseOptions {
  readonly live: LiveOptions;
  /** null: all pairs. */
  readonly pair: string | null;
  readonly output: PairOutput;
}

/** `lbplay recap` as asked for. */
export interface RecapOptions {
  /** What `--output json` of several runs has written. */
  readonly files: readonly string[];
  readonly output: "plain" | "json";
}

/** `lbplay drift` as asked for. */
export interface DriftOptions {
  readonly live: LiveOptions;
  /** Empty: nodes are only compared with each other. */
  readonly playbooks: readonly string[];
  readonly become: boolean;
  readonly output: PairOutput;
}

/** `lbplay switchover` as asked for. */
export interface SwitchoverOptions {
  readonly live: LiveOptions;
  /** null: the only one. */
  readonly pair: string | null;
  /** null: the standby that is next. */
  readonly to: string | null;
  readonly back: boolean;
  /** null: as the inventory says. */
  readonly maxOutageMs: number | null;
  /** A target, or `none`; null: as the inventory or haproxy.cfg says. */
  readonly probe: string | null;
  readonly probeFrom: string | null;
  readonly check: boolean;
  readonly yes: boolean;
  readonly breakLock: boolean;
  readonly output: PairOutput;
}

/** `lbplay maintenance` as asked for. */
export interface MaintenanceOptions {
  readonly live: LiveOptions;
  readonly work:
    | { readonly kind: "node"; readonly action: "on" | "off"; readonly node: string }
    | {
        readonly kind: "server";
        readonly action: "drain" | "maint" | "ready";
        readonly backend: string;
        readonly server: string;
      };
  readonly pair: string | null;
  readonly reason: string | null;
  readonly yes: boolean;
  readonly breakLock: boolean;
  readonly output: PairOutput;
}

/** `lbplay drill` as asked for. What is null or empty is taken from the drill file, then from the inventory. */
export interface DrillOptions {
  readonly live: LiveOptions;
  /** null: the only one. */
  readonly pair: string | null;
  /** Names of faults; empty: those of the file, or all. */
  readonly faults: readonly string[];
  readonly repeats: number | null;
  /** Requests a second. */
  readonly rate: number | null;
  /** A host of the inventory, or `controller`. */
  readonly from: string | null;
  readonly probe: string | null;
  /** Connections that are held open. */
  readonly held: number | null;
  readonly maxOutageMs: number | null;
  /** The drill file. */
  readonly file: string | null;
  /** Go on after a result that is not as expected, as long as the pair came back. */
  readonly keepGoing: boolean;
  readonly check: boolean;
  readonly yes: boolean;
  readonly breakLock: boolean;
  readonly output: "plain" | "json" | "junit";
  /** Files that the result is written into as well. */
  readonly jsonFile: string | null;
  readonly junitFile: string | null;
  /** A file for an HTML report; null: none is written. */
  readonly report: string | null;
}

/** What a command looks at a pair in. */
export type PairSubject =
  | {
      readonly kind: "files";
      /** Paths, or `NODE:PATH`. */
      readonly words: readonly string[];
      readonly versions: GivenVersions;
    }
  | { readonly kind: "live"; readonly live: LiveOptions }
  | { readonly kind: "playbooks"; readonly playbooks: readonly string[]; readonly live: LiveOptions };

/** The versions of the daemons, where the user says them. */
export interface GivenVersions {
  readonly haproxy: Version | null;
  readonly keepalived: Version | null;
}

/** `lbplay lint` as asked for. */
export interface LintOptions {
  readonly subject: PairSubject;
  readonly output: "plain" | "json" | "sarif";
  /** A file for an HTML report; null: none is written. */
  readonly report: string | null;
  /** From this severity on the exit code is 1. */
  readonly threshold: "error" | "warning" | "info";
  /** Ids; empty means all. */
  readonly rules: readonly string[];
}

/** `lbplay predict` as asked for. */
export interface PredictOptions {
  readonly subject: PairSubject;
  readonly output: "plain" | "json";
}

/** `lbplay inventory` as asked for. */
export interface InventoryOptions {
  readonly inventories: readonly string[];
  readonly action:
    | { readonly kind: "list" }
    | { readonly kind: "host"; readonly host: string }
    | { readonly kind: "graph"; readonly group: string | null };
  readonly vars: boolean;
  readonly yaml: boolean;
  readonly limit: string | null;
  readonly credentials: CredentialRequest;
}

/** `lbplay lab …` as asked for. */
export interface LabOptions {
  readonly provider: ProviderName;
  /** null: the name that follows from the working directory. */
  readonly name: string | null;
  /** Where images and labs are kept. */
  readonly stateRoot: string;
  readonly action: LabAction;
}

/** What to do with a lab. */
export type LabAction =
  | ({ readonly kind: "up" } & UpWish)
  | { readonly kind: "down" }
  | { readonly kind: "status" }
  | { readonly kind: "inventory" }
  | {
      readonly kind: "ssh";
      readonly node: string;
      readonly command: readonly string[];
    }
  | { readonly kind: "fault"; readonly fault: LabFault; readonly node: string };

/** `lbplay vault` as asked for. */
export interface VaultOptions {
  readonly credentials: CredentialRequest;
  readonly action: VaultAction;
}

/** What to do with vaults. */
export type VaultAction =
  | {
      readonly kind: "encrypt" | "decrypt";
      /** Empty: the standard input. */
      readonly files: readonly string[];
      /** null: each file in its place, the standard input to the standard output; `-` is that, too. */
      readonly output: string | null;
      /** The label of the password to encrypt with; null: the only one. */
      readonly encryptId: string | null;
    }
  | { readonly kind: "view"; readonly files: readonly string[] }
  | { readonly kind: "edit"; readonly file: string }
  | {
      readonly kind: "rekey";
      readonly files: readonly string[];
      /** The new password: `label@file` or `label@prompt`; null: the file, or asked for. */
      readonly newId: string | null;
      readonly newFile: string | null;
    }
  | {
      readonly kind: "encrypt-string";
      /** The variable; null: the value alone. */
      readonly name: string | null;
      readonly encryptId: string | null;
    };

/** The command line, understood. */
export type Command =
  | { readonly kind: "run"; readonly options: RunOptions }
  | { readonly kind: "inventory"; readonly options: InventoryOptions }
  | { readonly kind: "status"; readonly options: StatusOptions }
  | { readonly kind: "diagnose"; readonly options: DiagnoseOptions }
  | { readonly kind: "drift"; readonly options: DriftOptions }
  | { readonly kind: "switchover"; readonly options: SwitchoverOptions }
  | { readonly kind: "maintenance"; readonly options: MaintenanceOptions }
  | { readonly kind: "drill"; readonly options: DrillOptions }
  | { readonly kind: "lab"; readonly options: LabOptions }
  | { readonly kind: "vault"; readonly options: VaultOptions }
  | { readonly kind: "recap"; readonly options: RecapOptions }
  | { readonly kind: "doc"; readonly module: string | null }
  | { readonly kind: "lint"; readonly options: LintOptions }
  /** `lbplay lint --explain`. */
  | { readonly kind: "explain"; readonly rule: string }
  | { readonly kind: "predict"; readonly options: PredictOptions }
  /** Help, asked for or because a command is missing. */
  | { readonly kind: "show"; readonly text: string; readonly exitCode: number };
