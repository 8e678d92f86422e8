import type { Secret } from "./secret.ts";

/** strict: only keys on file; accept-new: a first key is stored; off: anything goes, for throw-away machines. */
export type HostKeyChecking = "strict" | "accept-new" | "off";

/** One host as the inventory describes it. */
export interface NodeAddress {
  /** Its inventory name. */
  readonly name: string;
  readonly connection: "ssh" | "openssh" | "local";
  readonly host: string;
  /** null: from ssh's configuration, or 22. */
  readonly port: number | null;
  /** null: from ssh's configuration, or the user who runs this. */
  readonly user: string | null;
  readonly password: Secret | null;
  /** null: those of ssh's configuration, or ssh's default keys. */
  readonly privateKeyFile: string | null;
  readonly passphrase: Secret | null;
  /** null: those of ssh's configuration. */
  readonly knownHostsFiles: readonly string[] | null;
  /** `strict` gives way to a StrictHostKeyChecking that ssh's configuration or `sshArgs` set. */
  readonly hostKeyChecking: HostKeyChecking;
  /** Words for the command line of ssh (ansible_ssh_common_args and its like). */
  readonly sshArgs: readonly string[];
  /** For each of: TCP connection, SSH handshake with login, opening of a shell. */
  readonly connectTimeoutMs: number;
}

/** What to run on a node: a POSIX shell script and, if any, the bytes of its standard input. */
export interface ExecRequest {
  readonly script: string;
  /** Absent means /dev/null. */
  readonly stdin?: Buffer;
  /** After this many milliseconds the node counts as lost; null waits for as long as the connection lives. */
  readonly timeoutMs: number | null;
  /**
   * Run by the persistent shell itself instead of a subshell: what it opens (`exec 9>…` for a lock) lives as long as
   * the shell. Descriptor 9 is closed for every other script. Takes no stdin; an `exit` in it ends the shell.
   */
  readonly persistent?: true;
}

/** What a script answered. A script that fails is a value, not an exception. */
export interface ExecResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/**
 * One shell on a node as one user: scripts run one after another in it, in the order of the calls.
 * A node that cannot be reached, or is lost, throws TransportError.
 */
export interface Transport {
  /** `user@host:port (sudo root)`: for messages. */
  readonly label: string;
  readonly exec: (request: ExecRequest) => Promise<ExecResult>;
  readonly close: () => Promise<void>;
}

/** The user to become on the node, and how. */
export interface Become {
  readonly method: "sudo" | "su";
  readonly user: string;
  /** null: no password is needed. */
  readonly password: Secret | null;
  /** The program, where it is not the method's name in the login user's PATH. */
  readonly exe: string | null;
  /** Further words for sudo, e.g. `-H -n`. */
  readonly flags: readonly string[];
}

/** What one connection cost: the figures that tests and benchmarks compare. */
export interface Traffic {
  /** Scripts sent and answered, over all shells. */
  readonly roundTrips: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** One node's connection: shells for its users, opened when first asked for and shared afterwards. */
export interface Connection {
  readonly label: string;
  /** The shell of the login user (null) or of the user to become. */
  readonly shell: (become: Become | null) => Promise<Transport>;
  readonly traffic: () => Traffic;
  readonly close: () => Promise<void>;
}

/** Why a node was not reached or was lost. */
export type TransportFault =
  | "refused"
  | "timeout"
  | "unresolved"
  | "host-key-unknown"
  | "host-key-changed"
  | "authentication"
  | "become-password"
  | "become-denied"
  | "lost"
  | "unsupported";

/** A node that cannot be worked with; `hint` says what the operator can do. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly fault: TransportFault;
  readonly hint: string | null;

  constructor(problem: { fault: TransportFault; message: string; hint?: string | null; cause?: unknown }) {
    super(problem.message, problem.cause === undefined ? undefined : { cause: problem.cause });
    this.fault = problem.fault;
    this.hint = problem.hint ?? null;
  }
}
