/** A VRRP pair as data, the same on all its nodes; what differs between their files follows from `node`. */
export interface KeepalivedModel {
  /** The node whose file is meant: one of `nodes`. */
  readonly node: string;
  /** In order of preference: the first is the one that should own the addresses in profile `preferred`. */
  readonly nodes: readonly Node[];
  readonly profile: Profile;
  /** Seconds that a preferred node waits before it takes the addresses back; profile preferred only. */
  readonly preempt_delay: number;
  readonly transport: "unicast" | "multicast";
  readonly vrrp_version: 2 | 3;
  /** null: 0.2 in version 3, 1 in version 2. */
  readonly advert_int: number | null;
  readonly instances: readonly Instance[];
  readonly sync_groups: readonly SyncGroup[];
  readonly tracking: Tracking;
  readonly scripts: readonly TrackScript[];
  readonly track_files: readonly TrackFile[];
  readonly track_processes: readonly TrackProcess[];
  readonly authentication: Authentication | null;
  readonly notify: Notify | null;
  readonly mail: Mail | null;
  readonly script_user: string;
  readonly startup_delay: number;
  readonly garp_master_refresh: number;
  readonly garp: Garp | null;
  readonly realtime_priority: number | null;
  readonly global_raw: readonly string[];
  readonly raw: readonly string[];
}

/** `sticky`: whoever has the addresses keeps them. `preferred`: the first healthy node of the list takes them back. */
export type Profile = "sticky" | "preferred";

export interface Node {
  readonly name: string;
  /** Its own address, from which it speaks VRRP. */
  readonly address: string;
  /** null: the interface that has the address. */
  readonly interface: string | null;
  /** null: 254 for the first node, 253 for the second, and so on. */
  readonly priority: number | null;
}

export interface Instance {
  readonly name: string;
  readonly virtual_router_id: number;
  readonly virtual_ips: readonly VirtualIp[];
  /** Further addresses that move along but are not in the adverts: other family, or more than 20. */
  readonly excluded_ips: readonly VirtualIp[];
  readonly interface: string | null;
  /** The node that should own these addresses; null: the first of `nodes`. Profile preferred only. */
  readonly prefers: string | null;
  /** `eth1`, or `eth1 weight -50`. */
  readonly track_interfaces: readonly string[];
  readonly raw: readonly string[];
}

export interface VirtualIp {
  readonly address: string;
  /** null: /32 or /128. */
  readonly prefix: number | null;
  readonly interface: string | null;
  readonly label: string | null;
}

export interface SyncGroup {
  readonly name: string;
  readonly instances: readonly string[];
}

/** How keepalived learns that haproxy does not work. */
export interface Tracking {
  /** `auto`: a tracked file where keepalived can, else a script that looks into the file each second. */
  readonly by: "auto" | "none" | "file" | "process" | "script" | Tool;
  /** systemd writes 0 into it when haproxy is up, 1 when it is down. */
  readonly file: string;
  /** What `http` asks for. */
  readonly url: string;
  /** Of all polled ways: seconds between looks, and how many of them decide. */
  readonly interval: number;
  readonly fall: number;
  readonly rise: number;
  /** An operator's 1 in it gives the addresses away; null for none. */
  readonly drain_file: string | null;
}

/** Ways that need a program of the node. */
export type Tool = "killall" | "pidof" | "pgrep" | "http";

export interface TrackFile {
  readonly name: string;
  readonly file: string;
  readonly initial: number;
  /** What the file's number is multiplied with; null: as for scripts. */
  readonly weight: number | null;
}

export interface TrackProcess {
  readonly name: string;
  readonly process: string;
  readonly quorum: number | null;
  readonly delay: number | null;
  readonly weight: number | null;
}

export interface TrackScript {
  readonly name: string;
  readonly script: string;
  readonly interval: number;
  readonly timeout: number | null;
  readonly fall: number;
  readonly rise: number;
  /** null: 0 in profile sticky and with preempt_delay, else -100. */
  readonly weight: number | null;
  readonly user: string | null;
}

export interface Authentication {
  readonly kind: "pass" | "ah";
  readonly password: string;
}

export interface Notify {
  readonly master: string | null;
  readonly backup: string | null;
  readonly fault: string | null;
  readonly stop: string | null;
  readonly any: string | null;
}

export interface Mail {
  readonly to: readonly string[];
  readonly from: string;
  readonly smtp_server: string;
  readonly smtp_connect_timeout: number;
  readonly helo_name: string | null;
}

/** How the owner makes itself known to the network; null: keepalived's own choice. Times are seconds. */
export interface Garp {
  readonly master_delay: number | null;
  readonly master_repeat: number | null;
  readonly refresh_repeat: number | null;
  readonly lower_prio_delay: number | null;
  readonly lower_prio_repeat: number | null;
  readonly interval: number | null;
  readonly gna_interval: number | null;
}
