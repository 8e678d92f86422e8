import type { Version } from "../version.ts";

/**
 * What is known of a node besides its two configurations. Every member is null where it was not read (a lint of files
 * alone, a node that lacks the tool): a rule that needs it then says nothing.
 */
export interface NodeFacts {
  readonly haproxy: {
    readonly version: Version;
    readonly text: string /** Of `haproxy -vv`. */;
    readonly openssl: boolean;
  } | null;
  readonly keepalived: { readonly version: Version; readonly text: string } | null;
  readonly os: {
    readonly id: string;
    readonly version: string;
    readonly family: "debian" | "redhat" | "other";
  } | null;
  readonly addresses: readonly NodeAddress[] | null;
  readonly links: readonly NodeLink[] | null;
  /** Key to value, as `net.ipv4.ip_nonlocal_bind` to `1`. */
  readonly sysctl: ReadonlyMap<string, string> | null;
  /** Unit to what systemd says of it: LimitNOFILE, Restart, ExecStart, UnitFileState, ActiveState, … */
  readonly units: ReadonlyMap<string, ReadonlyMap<string, string>> | null;
  /** What was found at the paths that the configurations name and that the rules ask for; a path that is not there maps to null. */
  readonly files: ReadonlyMap<string, FileFact | null> | null;
  readonly users: ReadonlySet<string> | null;
  readonly groups: ReadonlySet<string> | null;
  /** What listens: `ss -ltnup`. */
  readonly listeners: readonly Listener[] | null;
  /** `container`, `vm` or `none`, and systemd's own word. */
  readonly virtualization: { readonly kind: "container" | "vm" | "none"; readonly name: string } | null;
  /** Certificates in the PEM files that the configuration names, by path. */
  readonly certificates: ReadonlyMap<string, readonly CertificateFact[]> | null;
  /** Private keys of those files, by their paths; of the key itself nothing leaves the node. */
  readonly keys: ReadonlyMap<string, KeyFact> | null;
  /** Names in the directories that the configuration names, sorted as HAProxy loads them, by path. */
  readonly directories: ReadonlyMap<string, readonly string[]> | null;
  /** `hostname -s`. */
  readonly hostname: string | null;
  readonly cpus: number | null;
  /** Bytes of RAM. */
  readonly memory: number | null;
  /** The processes named haproxy and keepalived in the network namespace of the node itself. */
  readonly processes: readonly ProcessFact[] | null;
  /** Addresses that files of the system's own network configuration give to interfaces, by path. */
  readonly staticAddresses: ReadonlyMap<string, readonly string[]> | null;
  /** `192.0.2.21:80` of the servers to whether a TCP connection from here was accepted. */
  readonly reachable: ReadonlyMap<string, boolean> | null;
  readonly firewall: FirewallFact | null;
  /** null also where there is no SELinux. */
  readonly selinux: SelinuxFact | null;
  /** The cloud that says it made this machine; `none` for every other. */
  readonly cloud: "aws" | "azure" | "google" | "none" | null;
  /** Seconds by which the node's clock is ahead of the controller's. */
  readonly clockOffset: number | null;
  readonly vrrp: VrrpFact | null;
}

/** What was heard on the node's network within some seconds. */
export interface VrrpFact {
  /** One entry for each sender and virtual_router_id heard (protocol 112); null: nobody could listen. */
  readonly heard:
    | readonly {
        readonly source: string;
        readonly dev: string;
        readonly virtualRouterId: number;
        /** `224.0.0.18` and the like, or the node's own address where the sender speaks unicast. */
        readonly destination: string;
      }[]
    | null;
  /** Of each virtual address that this node does not hold: the hardware address that answers for it (`arping -D`, `ndisc6`), null where nobody does. */
  readonly answers: ReadonlyMap<string, string | null>;
}

export interface NodeAddress {
  readonly address: string;
  readonly prefix: number;
  readonly dev: string;
  readonly family: "ipv4" | "ipv6";
}

export interface NodeLink {
  readonly name: string;
  readonly flags: readonly string[];
  readonly mtu: number;
}

export interface FileFact {
  readonly kind: "file" | "directory" | "other";
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
  /** SHA-256 of a regular file; null of anything else. */
  readonly digest: string | null;
  /** Kept for small texts that a rule reads (rsyslog, logrotate, sysctl.d); null else. */
  readonly text: string | null;
}

export interface Listener {
  readonly protocol: "tcp" | "udp";
  readonly address: string;
  readonly port: number;
  readonly process: string | null;
}

export interface CertificateFact {
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SHA-256 of the public key (SPKI), in hex. */
  readonly spki: string;
  /** `rsa`, `ec`, `ed25519`, … */
  readonly keyType: string;
  /** Of the RSA modulus or the curve; 0 where it has no size of its own. */
  readonly keyBits: number;
  /** `sha256WithRSAEncryption`, `ecdsa-with-SHA256`, …; empty where it was not told. */
  readonly signature: string;
  /** It may sign others. */
  readonly ca: boolean;
  /** It says where its issuer's certificate is found (AIA), as those of public authorities do. */
  readonly issuerUrl: string | null;
}

export interface KeyFact {
  /** Where it is: the bundle itself, or the `.key` beside it. */
  readonly file: string;
  readonly encrypted: boolean;
  /** SHA-256 of the public key (SPKI), in hex; null where it could not be computed on the node. */
  readonly spki: string | null;
}

export interface ProcessFact {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly argv: readonly string[];
  /** The systemd unit of its control group; null: none. */
  readonly unit: string | null;
}

/** What filters packets that come in. */
export type FirewallFact =
  | { readonly kind: "none" }
  | {
      readonly kind: "firewalld";
      /** As they are in force, and as they are after a reload. */
      readonly runtime: readonly FirewallZone[];
      readonly permanent: readonly FirewallZone[];
      readonly direct: readonly string[];
    }
  /** `iptables-save`, or `nft list ruleset`. */
  | { readonly kind: "iptables" | "nftables"; readonly text: string };

export interface FirewallZone {
  readonly name: string;
  /** `default`, `ACCEPT`, `DROP`, `%%REJECT%%`. */
  readonly target: string;
  readonly isDefault: boolean;
  readonly interfaces: readonly string[];
  readonly services: readonly string[];
  /** `80/tcp`, `8000-8010/tcp`. */
  readonly ports: readonly string[];
  readonly protocols: readonly string[];
  readonly richRules: readonly string[];
}

export interface SelinuxFact {
  readonly mode: "enforcing" | "permissive" | "disabled";
  readonly booleans: ReadonlyMap<string, boolean>;
  /** `http_port_t` to its TCP ports, `80`, `8008-8010`; null where `semanage` is not there. */
  readonly ports: ReadonlyMap<string, readonly string[]> | null;
  /** Paths whose label is not the policy's: what they have and what they should have. */
  readonly mislabelled: ReadonlyMap<string, { readonly has: string; readonly should: string }>;
}
