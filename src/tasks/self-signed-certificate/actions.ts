import type { Action } from "../../core/action.ts";
import { quote } from "../../core/shell.ts";
import { type ModeParameter, modeBits } from "../file-attributes/mode.ts";
import { modeText, parentOf } from "../shared-probes/file-state.ts";
import { keySize, wantedNames } from "./reasons.ts";
import type { SelfSignedParams } from "./schema.ts";

/**
 * Makes the certificate, and the key if need be, in temporary files beside their places; nothing lands before openssl
 * has succeeded with both, so a node never serves a key that fits no certificate for longer than two renames.
 */
export const certificateAction = (params: SelfSignedParams, freshKey: boolean): Action => ({
  kind: "script",
  script: [
    ...prologue(["k", "c", "f", "b"]),
    temporary("k", params.key_path),
    temporary("c", params.cert_path),
    temporary("f", params.cert_path),
    freshKey ? `${keyCommand(params)} >&2 || exit 1` : `cat < ${quote(params.key_path)} > "$k" || exit 1`,
    `cat > "$f" || exit 1`,
    `openssl req -x509 -new -key "$k" -sha256 -days ${params.days} -config "$f" -out "$c" >&2 || exit 1`,
    ...(freshKey ? settle("k", params.mode, params) : []),
    ...settle("c", params.cert_mode, params),
    ...(params.bundle_path === null ? [] : bundleLines(params, params.bundle_path, '"$c" "$k"')),
    ...(freshKey ? [`mv -f "$k" ${quote(params.key_path)} || exit 1`] : attributeLines(params)),
    `mv -f "$c" ${quote(params.cert_path)} || exit 1`,
    ...(params.bundle_path === null ? [] : [`mv -f "$b" ${quote(params.bundle_path)} || exit 1`]),
  ].join("\n"),
  stdin: Buffer.from(requestConfig(params)),
  touches: [
    params.key_path,
    params.cert_path,
    ...(params.bundle_path === null ? [] : [params.bundle_path]),
  ].map((path) => ({ kind: "path", path })),
});

/** Puts certificate and key together. */
export const bundleAction = (params: SelfSignedParams, path: string): Action => ({
  kind: "script",
  script: [
    ...prologue(["b"]),
    ...bundleLines(params, path, `${quote(params.cert_path)} ${quote(params.key_path)}`),
    `mv -f "$b" ${quote(path)}`,
  ].join("\n"),
  touches: [{ kind: "path", path }],
});

const prologue = (names: readonly string[]): readonly string[] => [
  "umask 077",
  names.map((name) => `${name}=`).join(" "),
  `trap 'rm -f ${names.map((name) => `"$${name}"`).join(" ")}' EXIT; trap 'exit 129' HUP INT TERM PIPE`,
];

const temporary = (name: string, path: string): string =>
  `${name}=$(mktemp ${quote(parentOf(path))}/.lbplay.XXXXXXXX) || exit 1`;

const keyCommand = (params: SelfSignedParams): string =>
  params.key_type === "rsa"
    ? `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:${keySize(params)} -out "$k"`
    : `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-${keySize(params)} -pkeyopt ec_param_enc:named_curve -out "$k"`;

const settle = (name: string, mode: ModeParameter, { owner, group }: SelfSignedParams): readonly string[] => [
  `chown ${quote(`${owner}:${group}`)} "$${name}" || exit 1`,
  `chmod ${octal(mode)} "$${name}" || exit 1`,
];

const octal = (mode: ModeParameter): string => modeText(modeBits(mode, { current: 0o600, directory: false }));

/** A key that stays gets the owner and mode that a new one would have. */
const attributeLines = (params: SelfSignedParams): readonly string[] => [
  `chown ${quote(`${params.owner}:${params.group}`)} ${quote(params.key_path)} || exit 1`,
  `chmod ${octal(params.mode)} ${quote(params.key_path)} || exit 1`,
];

const bundleLines = (params: SelfSignedParams, path: string, parts: string): readonly string[] => [
  temporary("b", path),
  `cat ${parts} > "$b" || exit 1`,
  ...settle("b", params.mode, params),
];

/** OpenSSL's request file; the patterns of the schema let no character through that means something here. */
const requestConfig = (params: SelfSignedParams): string =>
  [
    "[req]",
    "distinguished_name = dn",
    "prompt = no",
    "x509_extensions = v3",
    "[dn]",
    `CN = ${params.common_name}`,
    "[v3]",
    `subjectAltName = ${wantedNames(params).join(", ")}`,
    "basicConstraints = critical, CA:FALSE",
    `keyUsage = critical, digitalSignature${params.key_type === "rsa" ? ", keyEncipherment" : ""}`,
    "extendedKeyUsage = serverAuth",
    "subjectKeyIdentifier = hash",
    "",
  ].join("\n");
