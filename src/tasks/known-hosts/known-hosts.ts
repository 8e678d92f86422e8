import { defineState, type Plan } from "../../core/task.ts";
import { landingPlan, missingDirectory, unreadable } from "../file-content/land-file.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { type FileAt, fileAt } from "../shared-probes/file-state.ts";
import { isFor, parseHostKey, withHostKey } from "./lines.ts";
import { type KnownHostsParams, schema } from "./schema.ts";

/** Keeps a host's public key in a known_hosts file, or out of it. */
export const knownHosts = defineState<KnownHostsParams, FileAt, PlannedChange>({
  kind: "state",
  name: "known_hosts",
  aliases: ["ansible.builtin.known_hosts", "ansible.legacy.known_hosts"],
  summary: "Keeps a host's public key in a known_hosts file, or out of it.",
  schema,
  example: `- ansible.builtin.known_hosts:
    path: /etc/ssh/ssh_known_hosts
    name: backup.example.com
    key: backup.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJtIxm0qCmTWmGEtRNOvFmKMvP2sFZq9Yl8PvmFbNnZi
`,
  rules,
  inspect: ({ path }) =>
    path.startsWith("~/")
      ? fileAt(path.slice(2), { home: "", content: true, follow: true })
      : fileAt(path, { content: true, follow: true }),
  diff,
  view: viewOf,
  apply: actionsOf,
  result: ({ name, key, path, hash_host, state }) => ({ name, key, path, hash_host, state }),
});

function rules({ name, key, state }: KnownHostsParams): readonly string[] {
  if (key === null) return state === "present" ? ["key is required when state is present"] : [];
  if (/[\r\n]/.test(key.trim())) return ["key is one line"];
  const parsed = parseHostKey(key);
  if (parsed === null) return ["key must be a whole line of known_hosts: host, type and key"];
  return isFor(parsed.hosts, name.toLowerCase()) ? [] : [`the hosts in key do not match ${name}`];
}

function diff(params: KnownHostsParams, at: FileAt): Plan<PlannedChange> {
  const { state } = at;
  if (state !== null && state.content === null) {
    return { kind: "blocked", reason: unreadable(at.path, state) };
  }
  const after = withHostKey(params, state?.content?.toString("latin1") ?? "");
  if (after === null) return { kind: "converged" };
  if (state === null && !at.parent) return { kind: "blocked", reason: missingDirectory(at.path) };
  return landingPlan(
    {
      path: at.path,
      content: Buffer.from(after, "latin1"),
      into: null,
      follow: true,
      force: true,
      backup: false,
      validate: null,
      parents: "required",
      secret: false,
      mode: null,
      owner: null,
      group: null,
    },
    { at, ids: { uid: null, gid: null } },
  );
}
