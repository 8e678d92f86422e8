import type { X509Certificate } from "node:crypto";
import { all, known, type Probe, type ReadResult, read } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import { defineState, type Plan, planOf } from "../../core/task.ts";
import {
  certificatesIn,
  certificateValues,
  isoTime,
  subjectText,
  validity,
  validityFault,
} from "../certificates/certificate.ts";
import {
  type Attributes,
  attributeChanges,
  type Identities,
  identities,
  identityFault,
} from "../file-attributes/attributes.ts";
import { modeBits, modeFault } from "../file-attributes/mode.ts";
import { missingDirectory, plannedAttribute, unreadable } from "../file-content/land-file.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { nodeTime } from "../shared-probes/clock.ts";
import { cleanPath, type FileAt, fileAt } from "../shared-probes/file-state.ts";
import { labelled } from "../shared-probes/label.ts";
import { bundleAction, certificateAction } from "./actions.ts";
import { certificateReasons, keyReason } from "./reasons.ts";
import { type SelfSignedParams, schema } from "./schema.ts";

interface SelfSignedFacts {
  readonly key: FileAt;
  readonly cert: FileAt;
  readonly bundle: FileAt | null;
  /** The key's public half, as PEM: the key itself stays where it is. */
  readonly publicKey: string | null;
  /** Whether the bundle is certificate and key, one after the other. */
  readonly bundled: boolean;
  readonly openssl: boolean;
  readonly now: number | null;
  readonly ids: Identities;
}

/** Makes a key and a certificate signed by that key on the node, and renews them in time. */
export const selfSignedCertificate = defineState<SelfSignedParams, SelfSignedFacts, PlannedChange>({
  kind: "state",
  name: "self_signed_certificate",
  aliases: ["lbplay.builtin.self_signed_certificate"],
  summary:
    "Keeps a self-signed certificate and its key on the node, renewed in time; the key never leaves it.",
  schema,
  example: `- self_signed_certificate:
    common_name: www.example.com
    subject_alt_names: [www.example.com, 192.0.2.10]
    key_path: /etc/haproxy/certs/site.key
    cert_path: /etc/haproxy/certs/site.crt
    bundle_path: /etc/haproxy/certs/site.pem
`,
  rules,
  inspect,
  diff,
  view: viewOf,
  apply: actionsOf,
  result: ({ key_path, cert_path, bundle_path }, { cert }) => {
    const certificate = certificateOf(cert);
    return {
      key_path,
      cert_path,
      bundle_path,
      ...(certificate === null ? {} : certificateValues(certificate)),
    };
  },
});

function rules(params: SelfSignedParams): readonly string[] {
  const { key_type, key_size, days, renew_before } = params;
  const modes = [params.mode, params.cert_mode].flatMap((mode) => modeFault(mode) ?? []);
  const paths = [
    params.key_path,
    params.cert_path,
    ...(params.bundle_path === null ? [] : [params.bundle_path]),
  ];
  return [
    ...modes,
    ...(modes.length === 0 && (modeBits(params.mode, { current: 0o600, directory: false }) & 0o007) !== 0
      ? [`mode ${params.mode} would let everybody read the private key`]
      : []),
    ...(key_size !== null && (key_type === "ecc") !== key_size < 1024
      ? [`a key of type ${key_type} cannot have ${key_size} bits`]
      : []),
    ...(renew_before >= days
      ? ["renew_before must be less than days, or every run would make a new one"]
      : []),
    ...(new Set(paths.map(cleanPath)).size < paths.length
      ? ["key, certificate and bundle need paths of their own"]
      : []),
  ];
}

function inspect(params: SelfSignedParams): Probe<SelfSignedFacts> {
  const { key_path, cert_path, bundle_path } = params;
  return all<SelfSignedFacts>({
    key: fileAt(key_path, { follow: true }),
    cert: fileAt(cert_path, { content: true, follow: true }),
    bundle: bundle_path === null ? known(null) : fileAt(bundle_path, { follow: true }),
    publicKey: publicKey(key_path),
    bundled: bundle_path === null ? known(true) : isBundle({ key_path, cert_path, bundle_path }),
    openssl: read("command -v openssl", ({ code }) => code === 0),
    now: nodeTime(),
    ids: identities(params),
  });
}

const publicKey = (path: string): Probe<string | null> =>
  read(
    labelled(`public key of ${path}`, [`openssl pkey -in ${quote(path)} -pubout -passin pass:`]),
    ({ code, stdout }: ReadResult) => (code === 0 ? stdout.toString("utf8") : null),
  );

const isBundle = (paths: { key_path: string; cert_path: string; bundle_path: string }): Probe<boolean> =>
  read(
    labelled(`whether ${paths.bundle_path} is certificate and key`, [
      `[ -r ${quote(paths.bundle_path)} ] && [ "$(cat ${quote(paths.cert_path)} ${quote(paths.key_path)} | sha256sum)" = "$(sha256sum < ${quote(paths.bundle_path)})" ]`,
    ]),
    ({ code }) => code === 0,
  );

const certificateOf = ({ state }: FileAt): X509Certificate | null =>
  certificatesIn(state?.content?.toString("utf8") ?? "")?.[0] ?? null;

function diff(params: SelfSignedParams, facts: SelfSignedFacts): Plan<PlannedChange> {
  const fault = obstacle(params, facts);
  if (fault !== null) return { kind: "blocked", reason: fault };
  const certificate = certificateOf(facts.cert);
  const freshKey = facts.openssl ? keyReason(params, facts.publicKey) : unseenKeyReason(facts.key);
  const reasons = [
    ...(freshKey === null ? [] : [freshKey]),
    ...(freshKey === null || certificate === null
      ? certificateReasons(params, { certificate, publicKey: facts.publicKey, now: facts.now ?? 0 })
      : []),
  ];
  if (reasons.length > 0 && !facts.openssl) return { kind: "blocked", reason: "openssl is not installed" };
  if (reasons.length > 0)
    return planOf([renewal(params, certificate, { freshKey: freshKey !== null, reasons })]);
  return planOf([
    ...(params.bundle_path !== null && !facts.bundled ? [rebundling(params, params.bundle_path, facts)] : []),
    ...attributes(params, facts),
  ]);
}

/** Without openssl nothing can be told of a key but whether there is one: all else being right, there is nothing to do. */
const unseenKeyReason = ({ state }: FileAt): string | null =>
  state === null || state.size === 0 ? "there is no usable key" : null;

const obstacle = (params: SelfSignedParams, facts: SelfSignedFacts): string | null => {
  const files = [facts.key, facts.cert, ...(facts.bundle === null ? [] : [facts.bundle])];
  for (const { path, state, parent } of files) {
    if (state === null && !parent) return missingDirectory(path);
    if (state !== null && state.fault !== null) return unreadable(path, state);
    if (state?.kind === "directory") return `${path} is a directory`;
  }
  if (facts.now === null) return "the node does not tell the time, so no certificate can be checked";
  const issued = issuedCertificate(facts.cert, facts.now);
  if (issued !== null) return issued;
  return identityFault({ mode: null, owner: params.owner, group: params.group }, facts.ids);
};

/** A certificate that somebody put there for good is not thrown away. */
const issuedCertificate = (cert: FileAt, now: number): string | null => {
  const certificate = certificateOf(cert);
  if (certificate === null || certificate.subject === certificate.issuer) return null;
  if (validityFault(certificate, now) !== null) return null;
  return `${cert.path} holds a valid certificate of another issuer (${subjectText(certificate)}): remove it if it shall be replaced`;
};

const renewal = (
  params: SelfSignedParams,
  certificate: X509Certificate | null,
  { freshKey, reasons }: { freshKey: boolean; reasons: readonly string[] },
): PlannedChange => ({
  view: {
    field: params.cert_path,
    before:
      certificate === null
        ? null
        : `${subjectText(certificate)}, valid until ${isoTime(validity(certificate).to)}`,
    after: `CN=${params.common_name}, valid for ${params.days} days (${reasons.join("; ")})`,
  },
  actions: [certificateAction(params, freshKey)],
});

const rebundling = (params: SelfSignedParams, path: string, { bundle }: SelfSignedFacts): PlannedChange => ({
  view: {
    field: path,
    before: bundle?.state === null ? null : "another content",
    after: "certificate and private key",
  },
  actions: [bundleAction(params, path)],
});

const attributes = (
  params: SelfSignedParams,
  { key, cert, bundle, ids, bundled }: SelfSignedFacts,
): readonly PlannedChange[] => {
  const secret: Attributes = { mode: params.mode, owner: params.owner, group: params.group };
  const files: readonly (readonly [FileAt | null, Attributes])[] = [
    [key, secret],
    [cert, { ...secret, mode: params.cert_mode }],
    [bundled ? bundle : null, secret],
  ];
  return files.flatMap(([at, wanted]) =>
    at === null || at.state === null
      ? []
      : attributeChanges(at.path, at.state, wanted, ids).map(plannedAttribute),
  );
};
