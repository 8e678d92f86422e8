import type { Readable, Writable } from "node:stream";

/** A command running on a node, its three streams open. */
export interface Channel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** The exit code when the command has ended and its output is read; null where it was killed or the node is gone. */
  readonly ended: Promise<number | null>;
  /** Drops the channel at once; harmless when repeated. */
  readonly destroy: () => void;
}

/** A way to start commands on one node as its login user. */
export interface Link {
  /** `user@host:port`: for messages. */
  readonly label: string;
  /** The login user, or null where nobody knows (the system's ssh decides). */
  readonly user: string | null;
  /** Starts a command line under the login shell; throws TransportError. */
  readonly open: (command: string) => Promise<Channel>;
  /** Why the link is gone, in the words of its layer; null while nothing is known to be wrong. */
  readonly fault: () => Error | null;
  /** Ends every channel. */
  readonly close: () => Promise<void>;
}
