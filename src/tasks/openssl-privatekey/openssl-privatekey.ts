import { createHash, type KeyObject } from "node:crypto";
import { all, type Probe } from "../../core/probe.ts";
import { defineState, type Plan, planOf } from "../../core/task.ts";
import { dict, type Value } from "../../core/value.ts";
import {
  attributeChanges,
  type Identities,
  identities,
  identityFault,
} from "../file-attributes/attributes.ts";
import { modeBits, modeFault } from "../file-attributes/mode.ts";
import { attributeRules } from "../file-attributes/schema.ts";
import { missingDirectory, plannedAttribute, unreadable } from "../file-content/land-file.ts";
import { backupLine } from "../openssl/landing.ts";
import { type PrivateKey, privateKey } from "../openssl/private-key.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { cleanPath, type FileAt, fileAt } from "../shared-probes/file-state.ts";
import { convertAction, generateAction, OPENSSL_CURVES, wantedFormat } from "./generate.ts";
import { type PrivateKeyParams, schema } from "./schema.ts";

interface PrivateKeyFacts {
  readonly at: FileAt;
  readonly key: PrivateKey;
  readonly ids: Identities;
}

/** Makes a private key on the node, where there is none or another than asked for. */
export const opensslPrivatekey = defineState<PrivateKeyParams, PrivateKeyFacts, PlannedChange>({
  kind: "state",
  name: "openssl_privatekey",
  aliases: ["community.crypto.openssl_privatekey"],
  summary: "Makes a private key on the node, which it never leaves.",
  schema,
  example: `- community.crypto.openssl_privatekey:
    path: /etc/haproxy/certs/site.key
    type: ECC
    curve: secp256r1
`,
  rules,
  inspect: (params): Probe<PrivateKeyFacts> =>
    all<PrivateKeyFacts>({
      at: fileAt(params.path, { follow: true }),
      key: privateKey(cleanPath(params.path), params.passphrase),
      ids: identities(params),
    }),
  diff,
  view: viewOf,
  apply: actionsOf,
  result: (params, { key }) => ({
    filename: params.path,
    type: params.type,
    size: params.size,
    ...(params.type === "ECC" ? { curve: params.curve } : {}),
    ...(key.kind === "key" && params.state === "present" ? { fingerprint: fingerprints(key.publicKey) } : {}),
  }),
});

function rules(params: PrivateKeyParams): readonly string[] {
  const { type, curve, passphrase, cipher, format, mode } = params;
  const modern = ["Ed25519", "Ed448", "X25519", "X448"].includes(type);
  return [
    ...attributeRules(params),
    ...(mode !== null &&
    modeFault(mode) === null &&
    (modeBits(mode, { current: 0o600, directory: false }) & 0o007) !== 0
      ? [`mode ${mode} would let everybody read the private key`]
      : []),
    ...(type === "ECC" && curve === null ? ["curve is required when type is ECC"] : []),
    ...(type !== "ECC" && curve !== null ? ["curve needs type ECC"] : []),
    ...((passphrase === null) !== (cipher === null) ? ["passphrase and cipher go together"] : []),
    ...(cipher !== null && cipher !== "auto" ? ["cipher must be auto"] : []),
    ...(passphrase !== null && /[\r\n]/.test(passphrase) ? ["passphrase is one line"] : []),
    ...(format === "raw" ? ["format raw is not supported: pkcs8 holds every kind of key"] : []),
    ...(format === "pkcs1" && modern ? [`a key of type ${type} has no format pkcs1`] : []),
    ...(params.return_content
      ? ["return_content is not supported: the key never leaves the node (slurp reads it, under no_log)"]
      : []),
  ];
}

function diff(params: PrivateKeyParams, facts: PrivateKeyFacts): Plan<PlannedChange> {
  const { at, key, ids } = facts;
  if (at.state?.kind === "directory") return { kind: "blocked", reason: `${at.path} is a directory` };
  if (params.state === "absent") return at.state === null ? { kind: "converged" } : planOf([removal(params)]);
  if (at.state === null && !at.parent) return { kind: "blocked", reason: missingDirectory(at.path) };
  if (at.state !== null && at.state.fault !== null) {
    return { kind: "blocked", reason: unreadable(at.path, at.state) };
  }
  const fault = identityFault(params, ids);
  if (fault !== null) return { kind: "blocked", reason: fault };
  if (key.kind === "no-openssl") {
    return { kind: "blocked", reason: "openssl is not installed: it is in the package openssl" };
  }
  const verdict = judged(params, key);
  switch (verdict.kind) {
    case "refused":
      return { kind: "blocked", reason: verdict.reason };
    case "made":
      return planOf([generation(params, key, verdict.reason, verdict.always)]);
    case "converted":
      return planOf([conversion(params)]);
    case "kept":
      return planOf(
        at.state === null ? [] : attributeChanges(at.path, at.state, params, ids).map(plannedAttribute),
      );
  }
}

type Verdict =
  | { readonly kind: "kept" }
  | { readonly kind: "converted" }
  | { readonly kind: "made"; readonly reason: string; readonly always: boolean }
  | { readonly kind: "refused"; readonly reason: string };

/** What is to become of the key that is there. */
const judged = (params: PrivateKeyParams, key: Exclude<PrivateKey, { kind: "no-openssl" }>): Verdict => {
  const { path, regenerate, format, format_mismatch } = params;
  if (regenerate === "always" || params.force)
    return { kind: "made", reason: "it is always made anew", always: true };
  if (key.kind === "absent") return { kind: "made", reason: "there is none", always: false };
  const locked = key.kind === "unreadable" || (params.passphrase !== null && !key.encrypted);
  if (locked) {
    const reason =
      key.kind === "unreadable"
        ? "it cannot be read: it is damaged or has another passphrase"
        : "it has no passphrase";
    return regenerate === "full_idempotence"
      ? { kind: "made", reason, always: false }
      : {
          kind: "refused",
          reason: `the key in ${path} is not replaced, although ${reason}; regenerate: full_idempotence replaces it`,
        };
  }
  const present = kindOf(key.publicKey);
  const wanted = wantedKind(params);
  const otherFormat = format !== "auto_ignore" && key.format !== wantedFormat(params);
  if (regenerate === "never") return { kind: "kept" };
  if (present === wanted && !otherFormat) return { kind: "kept" };
  if (present === wanted && format_mismatch === "convert") return { kind: "converted" };
  const reason =
    present === wanted ? `it is written as ${key.format}, not ${wantedFormat(params)}` : `it is ${present}`;
  return regenerate === "fail"
    ? { kind: "refused", reason: `the key in ${path} is not as asked for: ${reason}` }
    : { kind: "made", reason, always: false };
};

const wantedKind = ({ type, size, curve }: PrivateKeyParams): string => {
  switch (type) {
    case "RSA":
    case "DSA":
      return `${type} ${size}`;
    case "ECC":
      return `ECC ${curve}`;
    default:
      return type;
  }
};

const IANA_CURVES = new Map(Object.entries(OPENSSL_CURVES).map(([iana, openssl]) => [openssl, iana]));

const kindOf = (key: KeyObject): string => {
  const { modulusLength, namedCurve = "" } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case "rsa":
    case "dsa":
      return `${key.asymmetricKeyType.toUpperCase()} ${modulusLength}`;
    case "ec":
      return `ECC ${IANA_CURVES.get(namedCurve) ?? namedCurve}`;
    case "ed25519":
      return "Ed25519";
    case "ed448":
      return "Ed448";
    default:
      return key.asymmetricKeyType?.toUpperCase() ?? "unknown";
  }
};

const generation = (
  params: PrivateKeyParams,
  key: PrivateKey,
  reason: string,
  always: boolean,
): PlannedChange => ({
  view: {
    field: params.path,
    before:
      key.kind === "absent" ? null : key.kind === "key" ? `${kindOf(key.publicKey)} key` : "another content",
    after: `new ${wantedKind(params)} key (${reason})`,
    ...(always ? { event: true } : {}),
  },
  actions: [generateAction(params)],
});

const conversion = (params: PrivateKeyParams): PlannedChange => ({
  view: {
    field: params.path,
    before: "the key in another format",
    after: `the same key as ${wantedFormat(params)}`,
  },
  actions: [convertAction(params)],
});

const removal = ({ path, backup }: PrivateKeyParams): PlannedChange => ({
  view: { field: path, before: "private key", after: null },
  actions: [
    ...(backup ? [{ kind: "script" as const, script: backupLine(path), touches: [] }] : []),
    { kind: "remove", path },
  ],
});

const DIGESTS = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"] as const;

/** Of the public half, as Ansible gives them: pairs of digits between colons. */
const fingerprints = (key: KeyObject): Value => {
  const der = key.export({ type: "spki", format: "der" });
  return dict(
    Object.fromEntries(
      DIGESTS.map((name) => [
        name,
        createHash(name)
          .update(der)
          .digest("hex")
          .replace(/..(?!$)/g, "$&:"),
      ]),
    ),
  );
};
