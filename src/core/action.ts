/** One step that changes a node. Only the engine performs actions, in order, and stops at the first that fails. */
export type Action = RunAction | ScriptAction | WriteAction | RemoveAction;

/** Something on a node that an action may change: what a rolling run keeps, so that it can be put back. */
export type Touched =
  /** A file with its content, a link, or a directory's own attributes; or that there is nothing. */
  | { readonly kind: "path"; readonly path: string }
  /** A directory with all that is in it. */
  | { readonly kind: "tree"; readonly path: string }
  /** Whether a unit runs and starts at boot; `verb` is what is done to it, in systemctl's words. */
  | { readonly kind: "unit"; readonly unit: string; readonly verb: UnitVerb }
  /** A setting of the running kernel: `net.ipv4.ip_forward`, or with slashes. */
  | { readonly kind: "sysctl"; readonly key: string }
  /** Something that a command sets and its opposite takes back: a rule of the running firewall. */
  | { readonly kind: "inverse"; readonly what: string; readonly argv: readonly string[] }
  /** Nothing can put it back: packages, users. Said to the operator in these words. */
  | { readonly kind: "lasting"; readonly what: string };

/** What systemctl is asked to do with a unit. */
export type UnitVerb = "start" | "stop" | "restart" | "reload" | "enable" | "disable" | "mask" | "unmask";

/** What every command shares. */
interface CommandOptions {
  /** What it changes besides what its kind says; absent: nothing that could be put back. */
  readonly touches?: readonly Touched[];
  /** Exit codes that mean success; default only 0. */
  readonly okCodes?: readonly number[] | "any";
  /** A match in standard error means failure although the exit code was good (`sysctl -w`). Source of a RegExp. */
  readonly failOnStderr?: string;
  readonly stdin?: Buffer;
  readonly environment?: Readonly<Record<string, string>>;
  readonly chdir?: string;
  /** null waits for as long as the node lives. */
  readonly timeoutMs?: number | null;
}

/** Runs a command, no shell in between. */
export interface RunAction extends CommandOptions {
  readonly kind: "run";
  readonly argv: readonly string[];
}

/** Runs a POSIX shell script (or, with `shell`, one for that interpreter). */
export interface ScriptAction extends CommandOptions {
  readonly kind: "script";
  readonly script: string;
  /** e.g. `/bin/bash`; absent means sh. */
  readonly shell?: string;
}

/**
 * Puts a file in place as a whole: written to a temporary file beside it, owner and mode set, validated, synced, renamed.
 * A validation that fails leaves the node as it was.
 */
export interface WriteAction {
  readonly kind: "write";
  readonly path: string;
  readonly content: Buffer;
  /** Octal text such as "0644"; null keeps the present file's, or 0644 for a new one. */
  readonly mode: string | null;
  /** null keeps the present file's, or the running user for a new one. */
  readonly owner: string | null;
  readonly group: string | null;
  /** Command to run on the temporary file, whose path replaces every `%s`; null for none. */
  readonly validate: readonly string[] | null;
  /** Keeps the present file beside it, with the time in its name. */
  readonly backup: boolean;
}

/** Removes a path, whatever it is; nothing there is fine. */
export interface RemoveAction {
  readonly kind: "remove";
  readonly path: string;
}

/** What became of one performed action. */
export interface ActionOutcome {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** What an action may change. */
export const touchedBy = (action: Action): readonly Touched[] => {
  switch (action.kind) {
    case "write":
      return [{ kind: "path", path: action.path }];
    case "remove":
      return [{ kind: "tree", path: action.path }];
    case "run":
    case "script":
      return action.touches ?? [];
  }
};
