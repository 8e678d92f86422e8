/** One step that changes a node. Only the engine performs actions, in order, and stops at the first that fails. */
export type Action = RunAction | ScriptAction | WriteAction | RemoveAction;

/** What every command shares. */
interface CommandOptions {
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
