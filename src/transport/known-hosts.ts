/** The known_hosts format (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"), without touching a file. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** One entry of a known_hosts file. */
export interface KnownHost {
  readonly file: string;
  readonly line: number;
  readonly marker: "revoked" | "cert-authority" | null;
  /** Comma separated patterns, or one hashed name. */
  readonly names: string;
  readonly type: string;
  readonly key: Buffer;
}

/** A host as it is looked up. */
export interface HostName {
  readonly host: string;
  readonly port: number;
}

/** What a key that a host presented is to us. */
export type HostKeyVerdict =
  | { readonly kind: "known" }
  | { readonly kind: "unknown" }
  | { readonly kind: "changed"; readonly expected: readonly KnownHost[] }
  | { readonly kind: "revoked"; readonly entry: KnownHost };

/** The entries of a known_hosts file; lines that are no entries are skipped, as ssh does. */
export const parseKnownHosts = (file: string, text: string): readonly KnownHost[] =>
  text.split("\n").flatMap((line, index) => {
    const words = line.trim().split(/[ \t]+/);
    if (words[0] === undefined || words[0] === "" || words[0].startsWith("#")) return [];
    const marker = markerOf(words[0]);
    if (marker === undefined) return [];
    const [names, type, key] = marker === null ? words : words.slice(1);
    if (names === undefined || type === undefined || key === undefined) return [];
    return [{ file, line: index + 1, marker, names, type, key: Buffer.from(key, "base64") }];
  });

/** undefined: a marker that we do not know. */
const markerOf = (word: string): KnownHost["marker"] | undefined => {
  if (word === "@revoked") return "revoked";
  if (word === "@cert-authority") return "cert-authority";
  return word.startsWith("@") ? undefined : null;
};

/** The name under which ssh stores a host: the port is part of it unless it is 22. */
export const knownName = ({ host, port }: HostName): string =>
  port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;

/** The entries that speak of a host; where none names its port, those that name the host alone, as ssh does. */
export const entriesOf = (known: readonly KnownHost[], name: HostName): readonly KnownHost[] => {
  const exact = known.filter((entry) => matches(entry.names, knownName(name)));
  if (exact.length > 0 || name.port === 22) return exact;
  return known.filter((entry) => matches(entry.names, name.host.toLowerCase()));
};

const matches = (names: string, name: string): boolean => {
  if (names.startsWith("|")) return matchesHash(names, name);
  const patterns = names.toLowerCase().split(",");
  const negated = patterns.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1));
  if (negated.some((pattern) => matchesPattern(pattern, name))) return false;
  return patterns.some((pattern) => !pattern.startsWith("!") && matchesPattern(pattern, name));
};

const matchesHash = (hashed: string, name: string): boolean => {
  const [, version, salt, hash] = hashed.split("|");
  if (version !== "1" || salt === undefined || hash === undefined) return false;
  const expected = Buffer.from(hash, "base64");
  const found = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest();
  return expected.length === found.length && timingSafeEqual(expected, found);
};

const matchesPattern = (pattern: string, name: string): boolean => {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`).test(name);
};

/**
 * Judges the key a host presented by the entries that speak of it. A key of a type not on file counts as changed when
 * another type is: taking it for new would let an impostor in who simply has no key of the known type.
 */
export const judge = (entries: readonly KnownHost[], key: Buffer): HostKeyVerdict => {
  const revoked = entries.find((entry) => entry.marker === "revoked" && entry.key.equals(key));
  if (revoked !== undefined) return { kind: "revoked", entry: revoked };
  const plain = entries.filter((entry) => entry.marker === null);
  if (plain.some((entry) => entry.key.equals(key))) return { kind: "known" };
  return plain.length === 0 ? { kind: "unknown" } : { kind: "changed", expected: plain };
};

/** The type that a public key in wire format says it has. */
export const keyType = (key: Buffer): string => {
  const length = key.length < 4 ? 0 : key.readUInt32BE(0);
  return key.toString("latin1", 4, 4 + length);
};

/** `SHA256:…` as ssh-keygen -l prints it. */
export const fingerprint = (key: Buffer): string =>
  `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
