import { all, type Probe, type ReadResult, read } from "../../core/probe.ts";
import type { Schema } from "../../core/schema.ts";
import { defineState, type Plan, planOf } from "../../core/task.ts";
import {
  type Attributes,
  attributeChanges,
  type Identities,
  identities,
  identityFault,
} from "../file-attributes/attributes.ts";
import {
  type AttributeParams,
  attributeProperties,
  attributeRules,
  pathSchema,
} from "../file-attributes/schema.ts";
import { missingDirectory, plannedAttribute, unreadable } from "../file-content/land-file.ts";
import { backupLine, land, prologue, temporary } from "../openssl/landing.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { cleanPath, type FileAt, fileAt } from "../shared-probes/file-state.ts";
import { assign, labelled } from "../shared-probes/label.ts";

/** Parameters of openssl_dhparam, under community.crypto.openssl_dhparam's names. */
interface DhParamParams extends AttributeParams {
  readonly path: string;
  readonly state: "present" | "absent";
  readonly size: number;
  readonly force: boolean;
  readonly backup: boolean;
  readonly return_content: boolean;
  readonly select_crypto_backend: "auto" | "cryptography" | "openssl";
}

const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["path"],
  properties: {
    ...attributeProperties,
    path: pathSchema("Where the parameters are; they are made on the node."),
    state: {
      type: "string",
      enum: ["present", "absent"],
      default: "present",
      description: "absent removes the file.",
    },
    size: {
      type: "integer",
      minimum: 512,
      maximum: 16_384,
      default: 4096,
      description: "Bits; to find 4096 of them takes a node minutes.",
    },
    force: { type: "boolean", default: false, description: "Make them anew in any case." },
    backup: {
      type: "boolean",
      default: false,
      description: "Keep the present file beside it, with the time in its name.",
    },
    return_content: {
      type: "boolean",
      default: false,
      description: "Also tell the file's content, as dhparams.",
    },
    select_crypto_backend: {
      type: "string",
      enum: ["auto", "cryptography", "openssl"],
      default: "auto",
      description: "Accepted for Ansible's sake: the node's openssl makes them.",
    },
  },
};

interface DhParamFacts {
  readonly at: FileAt;
  /** Bits of what is there; null where there is nothing usable. */
  readonly bits: number | null;
  readonly openssl: boolean;
  readonly ids: Identities;
}

/** Makes Diffie-Hellman parameters on the node, where there are none of the wanted size. */
export const opensslDhparam = defineState<DhParamParams, DhParamFacts, PlannedChange>({
  kind: "state",
  name: "openssl_dhparam",
  aliases: ["community.crypto.openssl_dhparam"],
  summary: "Makes Diffie-Hellman parameters on the node, with its openssl.",
  schema,
  example: `- community.crypto.openssl_dhparam:
    path: /etc/haproxy/dhparam.pem
    size: 2048
`,
  rules: attributeRules,
  inspect: (params): Probe<DhParamFacts> =>
    all<DhParamFacts>({
      at: fileAt(params.path, { follow: true, content: true }),
      bits: bitsOf(cleanPath(params.path)),
      openssl: read("command -v openssl", ({ code }) => code === 0),
      ids: identities(params),
    }),
  diff,
  view: viewOf,
  apply: actionsOf,
  result: ({ path, size, return_content }, { at }) => ({
    filename: path,
    size,
    ...(return_content ? { dhparams: at.state?.content?.toString("utf8") ?? null } : {}),
  }),
});

const bitsOf = (path: string): Probe<number | null> =>
  read(
    labelled(`size of the DH parameters ${path}`, [
      assign("p", path),
      '[ -s "$p" ] || exit 3',
      'openssl dhparam -in "$p" -noout -text | head -n 1',
    ]),
    ({ stdout }: ReadResult) => {
      const bits = /Parameters: *\((\d+) bit\)/.exec(stdout.toString("utf8"))?.[1];
      return bits === undefined ? null : Number(bits);
    },
  );

function diff(params: DhParamParams, { at, bits, openssl, ids }: DhParamFacts): Plan<PlannedChange> {
  const { path, state, parent } = at;
  if (state?.kind === "directory") return { kind: "blocked", reason: `${path} is a directory` };
  if (params.state === "absent") return state === null ? { kind: "converged" } : planOf([removal(params)]);
  if (state === null && !parent) return { kind: "blocked", reason: missingDirectory(path) };
  if (state !== null && state.fault !== null) return { kind: "blocked", reason: unreadable(path, state) };
  const fault = identityFault(params, ids);
  if (fault !== null) return { kind: "blocked", reason: fault };
  if (!openssl) return { kind: "blocked", reason: "openssl is not installed: it is in the package openssl" };
  if (bits === params.size && !params.force) {
    return planOf(state === null ? [] : attributeChanges(path, state, params, ids).map(plannedAttribute));
  }
  return planOf([
    {
      view: {
        field: params.path,
        before: state === null ? null : bits === null ? "another content" : `${bits} bits`,
        after: `${params.size} bits`,
        ...(params.force ? { event: true } : {}),
      },
      actions: [
        {
          kind: "script",
          script: [
            ...prologue("o"),
            temporary("o", params.path),
            `openssl dhparam -out "$o" ${params.size} 2>/dev/null || { echo "openssl could not make the parameters" >&2; exit 1; }`,
            ...land("o", params.path, kept(params, state), params.backup),
          ].join("\n"),
          timeoutMs: null,
          touches: [{ kind: "path", path: params.path }],
        },
      ],
    },
  ]);
}

/** What a file that is replaced had, where nothing else is asked for. */
const kept = ({ mode, owner, group }: DhParamParams, state: FileAt["state"]): Attributes => ({
  mode: mode ?? state?.mode ?? null,
  owner: owner ?? (state === null ? null : String(state.uid)),
  group: group ?? (state === null ? null : String(state.gid)),
});

const removal = ({ path, backup }: DhParamParams): PlannedChange => ({
  view: { field: path, before: "DH parameters", after: null },
  actions: [
    ...(backup ? [{ kind: "script" as const, script: backupLine(path), touches: [] }] : []),
    { kind: "remove", path },
  ],
});
