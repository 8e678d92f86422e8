import type { NodeStatus } from "./status.ts";

/** Who makes the nodes: this program in containers of its own, or Vagrant. */
export type ProviderName = "embedded" | "vagrant";

/** What can happen to a node: its cable pulled and put back, frozen and thawed, its power cut and put back. */
export type LabFault = "unplug" | "plug" | "freeze" | "thaw" | "kill" | "start";

/** What `up` is asked for, as on the command line. */
export interface UpWish {
  /** `lb1`, or `lb1:haproxy+keepalived` with packages of its own; empty: all that the lab has. */
  readonly nodes: readonly string[];
  /** Packages that every node has from the start. */
  readonly packages: readonly string[];
  /** Nodes that were there get empty disks. */
  readonly fresh: boolean;
}

/** An inventory of a lab's nodes. */
export interface LabInventory {
  readonly file: string;
  /** What is worth saying of it, a line each. */
  readonly notes: readonly string[];
  /** False: it was there since `up`. */
  readonly made: boolean;
}

/** A lab that is up. */
export interface LabUp {
  readonly nodes: readonly NodeStatus[];
  readonly inventoryFile: string;
  /** False: everything was there already. */
  readonly changed: boolean;
}

/**
 * Real nodes, whoever makes them: what `lbplay lab` and everything else that breaks nodes asks of them. A node that
 * the lab does not have is refused with E_LAB_NODE, one that would have to run with E_LAB_OFF.
 */
export interface LabProvider {
  readonly name: ProviderName;
  /** The lab in words: `lab-1a2b3c4d`, `the lab of /home/ann/lb/Vagrantfile`. */
  readonly title: string;
  /** Brings all nodes up, or mends what is missing of those that are, and makes the inventory of them. */
  readonly up: (wish: UpWish) => Promise<LabUp>;
  /** Removes all of it; twice is fine. */
  readonly down: () => Promise<{ readonly inventoryFile: string; readonly removed: boolean }>;
  readonly status: () => Promise<readonly NodeStatus[]>;
  readonly inventory: () => Promise<LabInventory>;
  /** The words that run a script on a node as root; null: a terminal there. */
  readonly sshWords: (node: string, script: string | null) => Promise<readonly string[]>;
  /** Resolves when it is so; after `start` one can log in. The same twice is fine. E_LAB_FAULT: not with these nodes. */
  readonly fault: (fault: LabFault, node: string) => Promise<void>;
}
