import type { Place, SourceText } from "../../core/error.ts";
import type { SyntaxProblem, Word } from "../syntax.ts";
import type { KeepalivedStatement } from "./syntax.ts";

/** A virtual address: `192.0.2.10/32 dev eth0 label eth0:1`. */
export interface VirtualAddress {
  readonly at: Place;
  /** Without the prefix. */
  readonly address: string;
  /** null: none is written. */
  readonly prefix: number | null;
  readonly family: "ipv4" | "ipv6";
  /** The interface of its own; null: the instance's. */
  readonly dev: string | null;
  /** `virtual_ipaddress_excluded`: not in the adverts. */
  readonly excluded: boolean;
}

/** An instance's use of a tracker: `chk_haproxy weight -20 reverse`. */
export interface TrackerUse {
  readonly at: Place;
  readonly kind: "script" | "file" | "process" | "interface" | "bfd";
  readonly name: string;
  /** As written at the use; null: the tracker's own. */
  readonly weight: number | null;
  readonly reverse: boolean;
}

/** vrrp_script, vrrp_track_file (track_file), vrrp_track_process, as defined. */
export interface Tracker {
  readonly at: Place;
  readonly kind: "script" | "file" | "process";
  readonly name: string;
  /** Where none is written 0, with which a failure is a FAULT; of a file 1, by which its number is multiplied. */
  readonly weight: number;
  /** The script's words, the file's path, the process's name. */
  readonly target: string;
  /** All statements of its block, by their first word. */
  readonly statements: readonly KeepalivedStatement[];
}

/** A vrrp_instance, with keepalived's own defaults filled in. */
export interface VrrpInstance {
  readonly at: Place;
  readonly name: string;
  /** As written; BACKUP where none is. */
  readonly state: "MASTER" | "BACKUP";
  readonly interface: Word | null;
  readonly virtualRouterId: { readonly value: number; readonly at: Place } | null;
  /** 100 where none is written. */
  readonly priority: { readonly value: number; readonly at: Place | null };
  /** The instance's own `version`, else vrrp_version of global_defs, else 2; 3 for IPv6. */
  readonly version: 2 | 3;
  /** Seconds, as written (v2 rounds it); 1 where none is written. */
  readonly advertInt: { readonly seconds: number; readonly at: Place | null };
  /** Adverts that may be missed; 3 where none is written. */
  readonly downTimerAdverts: number;
  readonly nopreempt: boolean;
  /** Seconds; 0: none. */
  readonly preemptDelay: number;
  readonly unicastSourceIp: Word | null;
  readonly unicastPeers: readonly Word[];
  readonly authentication: { readonly at: Place; readonly type: string; readonly pass: Word | null } | null;
  readonly virtualAddresses: readonly VirtualAddress[];
  readonly trackers: readonly TrackerUse[];
  readonly syncGroup: string | null;
  /** All statements of its block. */
  readonly statements: readonly KeepalivedStatement[];
}

/** A vrrp_sync_group. */
export interface SyncGroup {
  readonly at: Place;
  readonly name: string;
  readonly members: readonly Word[];
  readonly trackers: readonly TrackerUse[];
  readonly statements: readonly KeepalivedStatement[];
}

/** What a keepalived.conf says of VRRP, on one machine: its `@name` lines chosen, its definitions put in. */
export interface KeepalivedConfig {
  readonly sources: readonly SourceText[];
  /** The statements of all global_defs. */
  readonly globals: readonly KeepalivedStatement[];
  readonly instances: readonly VrrpInstance[];
  readonly syncGroups: readonly SyncGroup[];
  readonly trackers: readonly Tracker[];
  /** Everything, with the definitions put in; virtual_server and what else is no VRRP too. */
  readonly statements: readonly KeepalivedStatement[];
  readonly problems: readonly SyntaxProblem[];
}
