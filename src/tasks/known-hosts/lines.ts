import { createHash, createHmac } from "node:crypto";
import type { KnownHostsParams } from "./schema.ts";

/** A line of the file that holds a key. */
interface HostKey {
  /** `@cert-authority` or `@revoked`; empty for a plain key. */
  readonly marker: string;
  readonly hosts: string;
  readonly type: string;
  readonly key: string;
}

/** A line's key; null for comments and everything else. */
export const parseHostKey = (line: string): HostKey | null => {
  const words = line.trim().split(/\s+/);
  const marked = words[0]?.startsWith("@") === true;
  const [hosts, type, key] = marked ? words.slice(1) : words;
  if (hosts === undefined || type === undefined || key === undefined || hosts.startsWith("#")) return null;
  return { marker: marked ? (words[0] ?? "") : "", hosts, type, key };
};

/** Whether a line's hosts, hashed or patterns parted by commas, are for a name. */
export const isFor = (hosts: string, name: string): boolean => {
  const hashed = /^\|1\|([^|]+)\|([^|]+)$/.exec(hosts);
  if (hashed !== null) return digest(name, Buffer.from(hashed[1] ?? "", "base64")) === hashed[2];
  const patterns = hosts.split(",");
  const matches = (pattern: string): boolean => hostPattern(pattern).test(name);
  return (
    patterns.some((pattern) => !pattern.startsWith("!") && matches(pattern)) &&
    !patterns.some((pattern) => pattern.startsWith("!") && matches(pattern.slice(1)))
  );
};

const digest = (name: string, salt: Buffer): string => createHmac("sha1", salt).update(name).digest("base64");

const hostPattern = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
    "i",
  );

/** The line to write: as given, or with its hosts as a hash whose salt follows from host and key, so that it is the same each time. */
const wantedLine = ({ name, key, hash_host }: KnownHostsParams): string => {
  const line = (key ?? "").trim();
  const parsed = parseHostKey(line);
  if (!hash_host || parsed === null) return line;
  const host = name.toLowerCase();
  const salt = createHash("sha1").update(`${host}\n${parsed.key}`).digest();
  const words = line.split(/\s+/);
  const at = parsed.marker === "" ? 0 : 1;
  return words.with(at, `|1|${salt.toString("base64")}|${digest(host, salt)}`).join(" ");
};

/** The content with the key in it, or out of it; null where it is so already. As in Ansible a new key goes to the end. */
export const withHostKey = (params: KnownHostsParams, before: string): string | null => {
  const lines = before.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const host = params.name.toLowerCase();
  const own = lines.flatMap((line, index) => {
    const parsed = parseHostKey(line);
    return parsed !== null && isFor(parsed.hosts, host) ? [{ index, parsed }] : [];
  });
  if (params.key === null) {
    const gone = new Set(own.filter(({ parsed }) => parsed.marker === "").map(({ index }) => index));
    return gone.size === 0 ? null : lines.filter((_, index) => !gone.has(index)).join("");
  }
  const line = wantedLine(params);
  const wanted = parseHostKey(line);
  if (wanted === null) throw new Error("the rules let a line through that is no key");
  const found = own.find(({ parsed }) => parsed.type === wanted.type);
  const same = found !== undefined && isSame(found.parsed, wanted);
  if (params.state === "absent") {
    return found === undefined ? null : lines.toSpliced(found.index, 1).join("");
  }
  if (same) return null;
  const kept = found === undefined ? lines : lines.toSpliced(found.index, 1);
  const text = kept.join("");
  return `${text === "" || text.endsWith("\n") ? text : `${text}\n`}${line}\n`;
};

/** A host that is hashed already is not hashed anew. */
const isSame = (one: HostKey, other: HostKey): boolean =>
  one.marker === other.marker &&
  one.key === other.key &&
  (one.hosts === other.hosts || (one.hosts.startsWith("|1|") && other.hosts.startsWith("|1|")));
