import type { X509Certificate } from "node:crypto";
import { all, each, known, map, type Probe } from "../../core/probe.ts";
import { defineState, type InputRequest, type Inputs, type Plan, planOf, unusable } from "../../core/task.ts";
import {
  certificatesIn,
  certificateValues,
  isoTime,
  subjectText,
  validity,
} from "../certificates/certificate.ts";
import { attributeValues, identities } from "../file-attributes/attributes.ts";
import { modeBits, modeFault } from "../file-attributes/mode.ts";
import { attributeRules, validateRules } from "../file-attributes/schema.ts";
import {
  type LandingFacts,
  landingFacts,
  landingPlan,
  unreadable,
  type WantedFile,
} from "../file-content/land-file.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { nodeTime } from "../shared-probes/clock.ts";
import { type FileAt, fileAt } from "../shared-probes/file-state.ts";
import { type Bundled, bundle, bundleValidityFault } from "./bundle.ts";
import { type PemBundleParams, schema } from "./schema.ts";

interface PemBundleFacts {
  readonly landing: LandingFacts;
  /** Seconds since the epoch by the node's clock. */
  readonly now: number | null;
  readonly bundled: Bundled;
}

/** Builds the one PEM file that HAProxy reads, from a key, its certificate and the chain above it. */
export const pemBundle = defineState<PemBundleParams, PemBundleFacts, PlannedChange>({
  kind: "state",
  name: "pem_bundle",
  aliases: ["lbplay.builtin.pem_bundle"],
  summary: "Builds the PEM file that HAProxy reads: certificate, chain in order, key without passphrase.",
  schema,
  example: `- pem_bundle:
    path: /etc/haproxy/certs/site.pem
    key_src: site.key
    cert_src: site.crt
    chain_src: intermediates.crt
`,
  rules,
  inputs: (params) =>
    params.remote_src ? [] : sourcesOf(params).map((path): InputRequest => ({ kind: "file", path })),
  inspect,
  diff,
  view: viewOf,
  apply: actionsOf,
  result: ({ path }, { landing, bundled }) => ({
    path,
    ...(bundled.kind === "fault"
      ? {}
      : {
          ...certificateValues(bundled.certificates[0]),
          chain: bundled.certificates.slice(1).map(subjectText),
        }),
    ...attributeValues(landing.at.state),
  }),
});

/** The three parts, each given as it is or by a path. */
const PARTS = ["key", "cert", "chain"] as const;

function rules(params: PemBundleParams): readonly string[] {
  const both = PARTS.filter((part) => params[part] !== null && params[`${part}_src`] !== null);
  const none = (["key", "cert"] as const).filter(
    (part) => params[part] === null && params[`${part}_src`] === null,
  );
  const relative = sourcesOf(params).filter((path) => params.remote_src && !path.startsWith("/"));
  return [
    ...attributeRules(params),
    ...validateRules(params.validate),
    ...both.map((part) => `${part} and ${part}_src exclude each other`),
    ...none.map((part) => `${part} or ${part}_src is required`),
    ...relative.map((path) => `${path} must be absolute with remote_src`),
    ...(othersMayRead(params) ? [`mode ${params.mode} would let everybody read the private key`] : []),
  ];
}

const othersMayRead = ({ mode }: PemBundleParams): boolean =>
  mode !== null &&
  modeFault(mode) === null &&
  (modeBits(mode, { current: 0o600, directory: false }) & 0o007) !== 0;

const sourcesOf = (params: PemBundleParams): readonly string[] =>
  PARTS.flatMap((part) => params[`${part}_src`] ?? []);

function inspect(params: PemBundleParams, inputs: Inputs): Probe<PemBundleFacts> {
  if (params.remote_src) return remoteFacts(params);
  const texts = partTexts(
    params,
    inputs.map(({ content }) => content.toString("utf8")),
  );
  const bundled = bundle({ ...texts, passphrase: params.passphrase });
  if (bundled.kind === "fault") throw unusable(bundled.reason);
  return all<PemBundleFacts>({
    landing: landingFacts(wantedFile(params, bundled.content)),
    now: nodeTime(),
    bundled: known(bundled),
  });
}

/** Each part from its parameter, or from the next of the files, which come in the order of PARTS. */
const partTexts = (
  params: PemBundleParams,
  files: readonly string[],
): { readonly key: string; readonly cert: string; readonly chain: string } => {
  const given = PARTS.filter((part) => params[`${part}_src`] !== null);
  const textOf = (part: (typeof PARTS)[number]): string => params[part] ?? files[given.indexOf(part)] ?? "";
  return { key: textOf("key"), cert: textOf("cert"), chain: textOf("chain") };
};

const remoteFacts = (params: PemBundleParams): Probe<PemBundleFacts> => {
  const sources = each(sourcesOf(params).map((path) => fileAt(path, { content: true, follow: true })));
  return all<PemBundleFacts>({
    landing: all<LandingFacts>({ at: fileAt(params.path, { content: true }), ids: identities(params) }),
    now: nodeTime(),
    bundled: map(sources, (found) => remoteBundle(params, found)),
  });
};

const remoteBundle = (params: PemBundleParams, found: readonly FileAt[]): Bundled => {
  const missing = found.find(({ state }) => state === null || state.content === null);
  if (missing !== undefined) {
    const { path, state } = missing;
    const reason = state === null ? `${path} does not exist on the node` : unreadable(path, state);
    return { kind: "fault", reason };
  }
  const texts = found.map(({ state }) => state?.content?.toString("utf8") ?? "");
  return bundle({ ...partTexts(params, texts), passphrase: params.passphrase });
};

function diff(params: PemBundleParams, facts: PemBundleFacts): Plan<PlannedChange> {
  const { bundled, landing, now } = facts;
  if (bundled.kind === "fault") return { kind: "blocked", reason: bundled.reason };
  if (now === null)
    return { kind: "blocked", reason: "the node does not tell the time, so no certificate can be checked" };
  const expired = bundleValidityFault(bundled.certificates, now);
  if (expired !== null) {
    if (params.remote_src) return { kind: "blocked", reason: expired };
    throw unusable(
      expired,
      "The node's clock counts: see that it is right, or give a certificate that is valid.",
    );
  }
  return withoutSecrets(landingPlan(wantedFile(params, bundled.content), landing), bundled, landing);
}

/** The key must not be seen: the change is shown by the certificates, which everybody may know. */
const withoutSecrets = (
  plan: Plan<PlannedChange>,
  { certificates }: Bundled & { kind: "bundle" },
  { at: { path, state } }: LandingFacts,
): Plan<PlannedChange> => {
  if (plan.kind !== "changes") return plan;
  const present = state?.content?.toString("utf8") ?? "";
  const before = state === null ? null : described(certificatesIn(present) ?? []);
  const after = described(certificates);
  const shown = before === after ? `${after}(the private key or the order differs)\n` : after;
  return planOf(
    plan.changes.map((change) =>
      change.view.field === path ? { ...change, view: { field: path, before, after: shown } } : change,
    ),
  );
};

const described = (certificates: readonly X509Certificate[]): string =>
  certificates
    .map((certificate) => {
      const { to } = validity(certificate);
      return `${subjectText(certificate)}, valid until ${isoTime(to)}, sha256 ${certificate.fingerprint256}\n`;
    })
    .join("");

const wantedFile = (params: PemBundleParams, content: Buffer): WantedFile => ({
  path: params.path,
  content,
  into: null,
  follow: false,
  force: true,
  backup: params.backup,
  validate: params.validate,
  parents: "required",
  secret: true,
  mode: params.mode,
  owner: params.owner,
  group: params.group,
});
