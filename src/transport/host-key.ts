import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { argv } from "../core/shell.ts";
import { type HostKeyChecking, TransportError } from "../core/transport.ts";
import {
  entriesOf,
  fingerprint,
  type HostName,
  judge,
  type KnownHost,
  keyType,
  knownName,
  parseKnownHosts,
} from "./known-hosts.ts";

/** Whose key is checked against what. */
export interface HostKeyPolicy {
  /** `user@host:port`: for messages. */
  readonly label: string;
  /** The name to look up; differs from the address under HostKeyAlias. */
  readonly name: HostName;
  readonly checking: HostKeyChecking;
  /** New keys go to the first. */
  readonly files: readonly string[];
  /** Reached without a bastion in between, so that ssh-keyscan can reach it too. */
  readonly direct: boolean;
}

/** Decides about one host's key. */
export interface HostKeyCheck {
  /** Key types on file: to be asked for first, else a host known by RSA alone looks like an impostor. */
  readonly types: readonly string[];
  /** null accepts the key. */
  readonly verify: (key: Buffer) => TransportError | null;
  /** Stores a key that was accepted as new; call after `verify` returned null. */
  readonly remember: (key: Buffer) => Promise<void>;
}

/** Reads the known_hosts files; throws TransportError for a host that only a certificate authority vouches for. */
export const createHostKeyCheck = async (policy: HostKeyPolicy): Promise<HostKeyCheck> => {
  if (policy.checking === "off") return { types: [], verify: () => null, remember: async () => {} };
  const entries = entriesOf((await Promise.all(policy.files.map(readKnownHosts))).flat(), policy.name);
  const types = entries.filter((entry) => entry.marker === null).map((entry) => entry.type);
  const authority = entries.find((entry) => entry.marker === "cert-authority");
  if (authority !== undefined && types.length === 0) throw onlyAuthority(policy, authority);

  const verify = (key: Buffer): TransportError | null => {
    const verdict = judge(entries, key);
    switch (verdict.kind) {
      case "known":
        return null;
      case "unknown":
        return policy.checking === "accept-new" ? null : unknownKey(policy, key);
      case "changed":
        return changedKey(policy, key, verdict.expected);
      case "revoked":
        return revokedKey(policy, verdict.entry);
    }
  };
  const remember = async (key: Buffer): Promise<void> => {
    if (policy.checking === "accept-new" && types.length === 0) await store(policy, key);
  };
  return { types, verify, remember };
};

const readKnownHosts = async (file: string): Promise<readonly KnownHost[]> => {
  try {
    return parseKnownHosts(file, await readFile(file, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return [];
    throw new TransportError({
      fault: "host-key-unknown",
      message: `cannot read the known hosts file ${file}: ${error instanceof Error ? error.message : String(error)}`,
      hint: "mend its permissions, or name another file",
      cause: error,
    });
  }
};

const store = async (policy: HostKeyPolicy, key: Buffer): Promise<void> => {
  const file = policy.files[0];
  if (file === undefined) return;
  try {
    await append(file, policy, key);
  } catch (cause) {
    throw new TransportError({
      fault: "host-key-unknown",
      message: `${policy.label}: its new key cannot be kept in ${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: "mend the permissions of that file and its directory, or name another with UserKnownHostsFile",
      cause,
    });
  }
};

const append = async (file: string, policy: HostKeyPolicy, key: Buffer): Promise<void> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const text = await readFile(file, "utf8").catch(() => "");
  const stored = entriesOf(parseKnownHosts(file, text), policy.name);
  if (stored.some((entry) => entry.marker === null && entry.key.equals(key))) return;
  const separator = text === "" || text.endsWith("\n") ? "" : "\n";
  await appendFile(file, `${separator}${entryText(policy, key)}\n`, { mode: 0o600 });
};

const entryText = ({ name }: HostKeyPolicy, key: Buffer): string =>
  `${knownName(name)} ${keyType(key)} ${key.toString("base64")}`;

const fileOf = (policy: HostKeyPolicy): string => policy.files[0] ?? "~/.ssh/known_hosts";

/** The command that stores the key which the host has now. */
const addCommand = (policy: HostKeyPolicy, key: Buffer): string => {
  const file = argv(fileOf(policy));
  if (!policy.direct) return `${argv("echo", entryText(policy, key))} >> ${file}`;
  const port = policy.name.port === 22 ? [] : ["-p", String(policy.name.port)];
  return `${argv("ssh-keyscan", "-t", keyType(key), ...port, policy.name.host)} >> ${file}`;
};

const compareFirst =
  "compare the fingerprint with what `ssh-keygen -lf` says of /etc/ssh/ssh_host_*.pub on its console";

const unknownKey = (policy: HostKeyPolicy, key: Buffer): TransportError =>
  new TransportError({
    fault: "host-key-unknown",
    message:
      `${policy.label}: the host key is not known: ${keyType(key)} ${fingerprint(key)} ` +
      `is not in ${policy.files.length === 0 ? "any known_hosts file" : policy.files.join(", ")}`,
    hint: `${compareFirst}; if it is the same: ${addCommand(policy, key)}`,
  });

const changedKey = (policy: HostKeyPolicy, key: Buffer, expected: readonly KnownHost[]): TransportError => {
  const known = expected.map(
    (entry) => `${entry.type} ${fingerprint(entry.key)} (${entry.file}:${entry.line})`,
  );
  const files = [...new Set(expected.map((entry) => entry.file))];
  const remove = files.map((file) => argv("ssh-keygen", "-R", knownName(policy.name), "-f", file));
  return new TransportError({
    fault: "host-key-changed",
    message:
      `${policy.label}: the host key has changed: known is ${known.join(", ")}, ` +
      `the host now presents ${keyType(key)} ${fingerprint(key)}; someone may be in between`,
    hint: `if the node was rebuilt, ${compareFirst}; then: ${[...remove, addCommand(policy, key)].join(" && ")}`,
  });
};

const revokedKey = (policy: HostKeyPolicy, entry: KnownHost): TransportError =>
  new TransportError({
    fault: "host-key-changed",
    message: `${policy.label}: the host presents a revoked key (${entry.type} ${fingerprint(entry.key)}, ${entry.file}:${entry.line})`,
    hint: "do not trust this host; give it new host keys from its console",
  });

const onlyAuthority = (policy: HostKeyPolicy, entry: KnownHost): TransportError =>
  new TransportError({
    fault: "unsupported",
    message: `${policy.label}: its host key is vouched for by a certificate authority (${entry.file}:${entry.line}), which this connection cannot check`,
    hint: "set ansible_connection: openssh for this host",
  });
