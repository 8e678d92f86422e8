/** The state of a VRRP instance; `unknown` where keepalived does not tell. */
export type VrrpState = "MASTER" | "BACKUP" | "FAULT" | "INIT" | "unknown";

/** What one VRRP instance of a node is doing. */
export interface LiveInstance {
  readonly name: string;
  readonly state: VrrpState;
  readonly basePriority: number | null;
  /** With what trackers give and take. */
  readonly effectivePriority: number | null;
  /** Milliseconds since the epoch. */
  readonly lastTransition: number | null;
  readonly counters: VrrpCounters | null;
}

/** Adverts and mistakes in them since keepalived started. */
export interface VrrpCounters {
  readonly received: number;
  readonly sent: number;
  readonly becameMaster: number;
  readonly releasedMaster: number;
  /** Adverts that did not fit, by what was wrong with them (`addressList`, `authentication` …); 0 for those that never were. */
  readonly errors: Readonly<Record<string, number>>;
}

/** keepalived on a node. */
export interface LiveKeepalived {
  /** As systemd says it: `active`, `inactive`, `failed`; `unknown` without systemd. */
  readonly unit: string;
  readonly mainPid: number | null;
  /** Since its main process started, in seconds. */
  readonly uptime: number | null;
  /** As `keepalived -v` says it; null where there is no such program. */
  readonly version: string | null;
  readonly instances: readonly LiveInstance[];
  /** How the instances' states became known, or why they did not. */
  readonly told: { readonly by: "json" | "data" } | { readonly by: null; readonly reason: string };
  /** Its files as they are on the disk, in the order in which they are read. */
  readonly config: readonly LiveFile[];
  /** Files whose content it tracks, with what is in them; null where a file is not there. */
  readonly tracked: ReadonlyMap<string, string | null>;
}

/** A file and what is in it. */
export interface LiveFile {
  readonly path: string;
  readonly text: string;
}

/** A process of HAProxy. */
export interface LiveWorker {
  readonly pid: number;
  /** In seconds. */
  readonly age: number;
}

/** What HAProxy's own socket told, or why it told nothing. */
export type LiveStats =
  | {
      readonly kind: "told";
      readonly version: string;
      /** Of the process that answered. */
      readonly pid: number;
      readonly uptime: number;
      readonly stopping: boolean;
      readonly proxies: readonly LiveProxy[];
      readonly servers: readonly LiveServer[];
    }
  | { readonly kind: "silent"; readonly reason: string };

/** A frontend or a backend. */
export interface LiveProxy {
  readonly kind: "frontend" | "backend";
  readonly name: string;
  /** `OPEN`, `UP`, `DOWN`, `STOP`. */
  readonly status: string;
}

/** A server of a backend. */
export interface LiveServer {
  readonly backend: string;
  readonly name: string;
  /** As HAProxy says it: `UP`, `DOWN 1/2`, `MAINT`, `DRAIN`, `no check`. */
  readonly status: string;
  /** What that means for traffic. */
  readonly health: "up" | "down" | "drain" | "maint" | "unchecked";
  readonly weight: number;
  /** `L7OK`, `L4CON`; empty without a check. */
  readonly check: string;
  readonly backup: boolean;
  readonly sessions: number;
}

/** A certificate file that HAProxy was told to use. */
export interface LiveCertificate {
  readonly path: string;
  readonly subject: string;
  /** Of the leaf or of what it is chained to, whichever ends first; milliseconds since the epoch. */
  readonly notAfter: number;
}

/** HAProxy on a node. */
export interface LiveHaproxy {
  readonly unit: string;
  readonly mainPid: number | null;
  /** Those that are not the main process, youngest first. */
  readonly workers: readonly LiveWorker[];
  /** The program on the disk; null where there is none. */
  readonly diskVersion: string | null;
  /** Whether the program that runs has been replaced on the disk. */
  readonly replaced: boolean;
  readonly stats: LiveStats;
  /** Reloads that failed since the last one that worked, by the master's own count; null where it has no such socket. */
  readonly failedReloads: number | null;
  readonly config: readonly LiveFile[];
  /** Files that are part of the configuration and were changed (content, owner or mode) after the youngest worker had read them. */
  readonly changedSince: readonly string[];
  readonly certificates: readonly LiveCertificate[];
  /** Certificate files beyond the first 200, which were not looked at. */
  readonly certificatesLeft: number;
  /** The socket that was asked, for commands that change something; null where none is known. */
  readonly socket: string | null;
}

/** What a run of lbplay left on a node. */
export interface LiveRun {
  /** Who ran: `alice@desk pid 4711 site.yaml`. */
  readonly owner: string;
  /** Seconds since it locked the node. */
  readonly age: number;
  readonly underway: boolean;
}

/** Why a node takes no addresses, where it was lbplay that took it out. */
export interface LiveOut {
  readonly cause: "maintenance" | "switchover";
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Who did it, or why. */
  readonly words: string;
}

/** One load balancer, as it is this moment. */
export interface LiveState {
  /** Milliseconds since the epoch by the node's own clock. */
  readonly now: number;
  /** All its addresses, without prefixes. */
  readonly addresses: ReadonlySet<string>;
  readonly keepalived: LiveKeepalived;
  readonly haproxy: LiveHaproxy;
  /** null: no run since the last boot. */
  readonly lastRun: LiveRun | null;
  /** A run began to change the node and did not get to its end: its journal is still there. */
  readonly unfinished: boolean;
  /** Handlers that an earlier run, cut short, left to do. */
  readonly owed: readonly string[];
  /** null: lbplay did not take it out of the pair. */
  readonly out: LiveOut | null;
}
