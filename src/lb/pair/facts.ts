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
  /** Seconds by which the node's clock is ahead of the controller's. */
  readonly clockOffset: number | null;
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
  readonly keyType: string;
  readonly keyBits: number;
  readonly signature: string;
}
