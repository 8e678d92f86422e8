import type { Action } from "../../core/action.ts";
import { quote } from "../../core/shell.ts";
import { land, prologue, temporary } from "../openssl/landing.ts";
import type { PrivateKeyParams } from "./schema.ts";

/** How a new key is written. */
export const wantedFormat = ({ format, type }: PrivateKeyParams): "pkcs1" | "pkcs8" => {
  if (format === "pkcs1" || format === "pkcs8") return format;
  return ["RSA", "DSA", "ECC"].includes(type) ? "pkcs1" : "pkcs8";
};

/** Makes a key, aside first. The passphrase comes by standard input. */
export const generateAction = (params: PrivateKeyParams): Action =>
  action(params, [...generation(params), ...formatted(params)]);

/** Writes the key that is there in the wanted format. */
export const convertAction = (params: PrivateKeyParams): Action =>
  action(params, [
    params.passphrase === null
      ? `openssl pkey -in ${quote(params.path)} -passin pass: -out "$k" >&2 || exit 1`
      : `printf '%s\\n' "$w" | openssl pkey -in ${quote(params.path)} -passin stdin -out "$k" >&2 || exit 1`,
    ...formatted(params),
  ]);

const action = (params: PrivateKeyParams, making: readonly string[]): Action => ({
  kind: "script",
  script: [
    ...prologue("k", "o"),
    ...(params.passphrase === null ? [] : ["IFS= read -r w || exit 1"]),
    temporary("k", params.path),
    temporary("o", params.path),
    ...making,
    ...land("o", params.path, params, params.backup),
  ].join("\n"),
  ...(params.passphrase === null ? {} : { stdin: Buffer.from(`${params.passphrase}\n`) }),
  touches: [{ kind: "path", path: params.path }],
});

/** OpenSSL's names of curves where they are not IANA's. */
export const OPENSSL_CURVES: Readonly<Record<string, string>> = {
  secp192r1: "prime192v1",
  secp256r1: "prime256v1",
};

const generation = ({ type, size, curve }: PrivateKeyParams): readonly string[] => {
  switch (type) {
    case "RSA":
      return [`openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:${size} -out "$k" >&2 || exit 1`];
    case "DSA":
      return [
        `openssl genpkey -genparam -algorithm DSA -pkeyopt dsa_paramgen_bits:${size} -out "$o" >&2 || exit 1`,
        'openssl genpkey -paramfile "$o" -out "$k" >&2 || exit 1',
      ];
    case "ECC":
      return [
        `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:${OPENSSL_CURVES[curve ?? ""] ?? curve} -pkeyopt ec_param_enc:named_curve -out "$k" >&2 || exit 1`,
      ];
    case "Ed25519":
    case "Ed448":
    case "X25519":
    case "X448":
      return [`openssl genpkey -algorithm ${type} -out "$k" >&2 || exit 1`];
  }
};

const TOOLS: Readonly<Record<string, string>> = { RSA: "rsa", DSA: "dsa", ECC: "ec" };

/** `$o` becomes what `$k` is, in the wanted format. */
const formatted = (params: PrivateKeyParams): readonly string[] => {
  const secret = params.passphrase !== null;
  const pass = secret ? `printf '%s\\n' "$w" | ` : "";
  const cipher = secret ? " -aes256 -passout stdin" : "";
  const tool = TOOLS[params.type];
  if (wantedFormat(params) === "pkcs1" && tool !== undefined) {
    return [
      // Before 1.1 openssl knows no -traditional, and writes nothing else.
      `${pass}openssl pkey -in "$k" -traditional${cipher} -out "$o" 2>/dev/null || ${pass}openssl ${tool} -in "$k"${cipher} -out "$o" >&2 || exit 1`,
    ];
  }
  return [
    secret
      ? `${pass}openssl pkcs8 -topk8 -v2 aes-256-cbc -in "$k" -passout stdin -out "$o" >&2 || exit 1`
      : 'openssl pkcs8 -topk8 -nocrypt -in "$k" -out "$o" >&2 || exit 1',
  ];
};
