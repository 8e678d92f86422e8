import { all, type Probe } from "../../core/probe.ts";
import { defineState, type Plan, planOf } from "../../core/task.ts";
import {
  type Attributes,
  attributeChanges,
  type Identities,
  identities,
  identityFault,
} from "../file-attributes/attributes.ts";
import { attributeRules } from "../file-attributes/schema.ts";
import { missingDirectory, plannedAttribute, unreadable } from "../file-content/land-file.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { cleanPath, type FileAt, fileAt } from "../shared-probes/file-state.ts";
import { entryAction, type Login, login, SCHEMES } from "./commands.ts";
import { type HtpasswdParams, schema } from "./schema.ts";

interface HtpasswdFacts {
  readonly at: FileAt;
  readonly login: Login;
  readonly ids: Identities;
}

/** Keeps a name with its password in a file for basic authentication, or out of it. */
export const htpasswd = defineState<HtpasswdParams, HtpasswdFacts, PlannedChange>({
  kind: "state",
  name: "htpasswd",
  aliases: ["community.general.htpasswd"],
  summary: "Keeps a name with its password in a file for basic authentication, or out of it.",
  schema,
  example: `- community.general.htpasswd:
    path: /etc/nginx/stats.passwd
    name: operator
    password: "{{ stats_password }}"
    owner: root
    group: www-data
    mode: "0640"
`,
  rules,
  inspect: (params): Probe<HtpasswdFacts> =>
    all<HtpasswdFacts>({
      at: fileAt(params.path, { follow: true }),
      login: login(cleanPath(params.path), params.name, params.state === "present" ? params.password : null),
      ids: identities(params),
    }),
  diff,
  view: viewOf,
  apply: actionsOf,
});

function rules(params: HtpasswdParams): readonly string[] {
  const { state, password, crypt_scheme } = params;
  return [
    ...attributeRules(params),
    ...(state === "present" && password === null ? ["password is required when state is present"] : []),
    ...(password !== null && /[\r\n\0]/.test(password) ? ["password is one line"] : []),
    ...(SCHEMES.has(crypt_scheme)
      ? []
      : [
          `crypt_scheme ${crypt_scheme} is not supported: the node's openssl makes ${[...SCHEMES.keys()].join(", ")}`,
        ]),
  ];
}

function diff(params: HtpasswdParams, { at, login: found, ids }: HtpasswdFacts): Plan<PlannedChange> {
  const { path, state } = at;
  const fault = obstacle(params, at) ?? identityFault(params, ids);
  if (fault !== null) return { kind: "blocked", reason: fault };
  const attributes = state === null ? [] : attributeChanges(path, state, params, ids).map(plannedAttribute);
  if (params.state === "absent" && found === "absent") return planOf(attributes);
  if (params.state === "absent") return planOf([entryChange(params, at, null)]);
  switch (found) {
    case "matches":
      return planOf(attributes);
    case "no-openssl":
      return { kind: "blocked", reason: "openssl is not installed: it is in the package openssl" };
    case "unknown":
      return {
        kind: "blocked",
        reason: `${path} holds a hash of ${params.name} that openssl cannot verify: remove the name first (state absent)`,
      };
    case "differs":
    case "absent":
      return planOf([entryChange(params, at, params.password)]);
  }
}

const obstacle = (
  { state: wanted, create }: HtpasswdParams,
  { path, state, parent }: FileAt,
): string | null => {
  if (state === null && wanted === "present" && !create) return `${path} does not exist`;
  if (state === null && wanted === "present" && !parent) return missingDirectory(path);
  if (state !== null && state.fault !== null) return unreadable(path, state);
  return state === null || state.kind === "file" ? null : `${path} is a ${state.kind}`;
};

/** Neither password nor hash is shown. */
const entryChange = (
  params: HtpasswdParams,
  { path, state }: FileAt,
  password: string | null,
): PlannedChange => ({
  view: {
    field: `${params.name} in ${path}`,
    before: password === null ? "there" : null,
    after: password === null ? null : `a new hash (${params.crypt_scheme})`,
  },
  actions: [
    entryAction(
      { path, name: params.name, password, scheme: SCHEMES.get(params.crypt_scheme) ?? "" },
      kept(params, state),
    ),
  ],
});

/** What the file has already, where nothing else is asked for. */
const kept = ({ mode, owner, group }: HtpasswdParams, state: FileAt["state"]): Attributes => ({
  mode: mode ?? state?.mode ?? null,
  owner: owner ?? (state === null ? null : String(state.uid)),
  group: group ?? (state === null ? null : String(state.gid)),
});
