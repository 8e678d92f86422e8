import { all, known, map, type Probe, type ReadResult, read } from "../../core/probe.ts";
import { type PublicKey, publicKeys } from "../openpgp/public-keys.ts";
import { CONTENT_LIMIT, type FileState, fileState } from "../shared-probes/file-state.ts";
import { labelled } from "../shared-probes/label.ts";
import type { RpmKeyParams } from "./schema.ts";

/** A key in rpm's database. */
export interface ImportedKey {
  /** What `rpm --erase` takes. */
  readonly package: string;
  /** Upper-case hexadecimal digits: the whole fingerprint, or the last 8 where rpm does not show the key. */
  readonly fingerprint: string;
  readonly userId: string;
}

/** What the `key` parameter led to. */
export type KeyMaterial =
  | { readonly kind: "id"; readonly id: string }
  | { readonly kind: "keys"; readonly keys: readonly [PublicKey, ...PublicKey[]]; readonly text: string }
  | { readonly kind: "fault"; readonly reason: string };

/** What rpm_key has to know of a node. */
export interface RpmKeyFacts {
  /** null where there is no rpm. */
  readonly imported: readonly ImportedKey[] | null;
  readonly material: KeyMaterial;
}

/** Everything a task needs to know. */
export const probe = (params: RpmKeyParams): Probe<RpmKeyFacts> =>
  all<RpmKeyFacts>({ imported, material: materialProbe(params) });

const imported: Probe<readonly ImportedKey[] | null> = read(
  labelled("keys of rpm", [
    "command -v rpm >/dev/null 2>&1 || exit 127",
    "rpm -q gpg-pubkey --qf '--%{NAME}-%{VERSION}-%{RELEASE} %{VERSION}\\n%{DESCRIPTION}\\n'",
    "exit 0",
  ]),
  (answer) => (answer.code === 127 ? null : parseImported(answer.stdout.toString("utf8"))),
);

/** The version of such a "package" is the short id. */
const parseImported = (text: string): readonly ImportedKey[] =>
  text.split(/^--(?=gpg-pubkey-)/m).flatMap((block) => {
    const [, name, short] = /^(gpg-pubkey-\S+) ([0-9a-f]+)\n/.exec(block) ?? [];
    if (name === undefined || short === undefined) return [];
    const key = publicKeys(block)[0] ?? null;
    return [
      { package: name, fingerprint: key?.fingerprint ?? short.toUpperCase(), userId: key?.userId ?? "" },
    ];
  });

/** Whether a key is given by its id; a file's name begins with a slash, a URL has `://`. */
export const idOf = (key: string): string | null =>
  /^\s*(?:0x)?([0-9a-f]{8,40})\s*$/i.exec(key)?.[1]?.toUpperCase() ?? null;

/** The node's file that a key is given by; null for a URL elsewhere and for an id. */
export const pathOf = (key: string): string | null => {
  const path = key.replace(/^file:\/\/(?=\/)/, "");
  return path.startsWith("/") ? path : null;
};

const materialProbe = (params: RpmKeyParams): Probe<KeyMaterial> => {
  const id = idOf(params.key);
  if (id !== null) return known({ kind: "id", id });
  const path = pathOf(params.key);
  return path === null
    ? download(params)
    : map(fileState(path, { content: true, follow: true }), (state) => keyOfFile(path, state));
};

const keyOfFile = (path: string, state: FileState | null): KeyMaterial => {
  if (state === null) return { kind: "fault", reason: `${path} does not exist` };
  if (state.content !== null) return keysIn(path, state.content.toString("utf8"));
  return { kind: "fault", reason: `${path} cannot be read: ${state.fault ?? "it is no key"}` };
};

const keysIn = (source: string, text: string): KeyMaterial => {
  const keys = publicKeys(text).flatMap((key) => key ?? []);
  const [first, ...rest] = keys;
  return first === undefined
    ? { kind: "fault", reason: `${source} holds no armored public key of OpenPGP version 4` }
    : { kind: "keys", keys: [first, ...rest], text };
};

/** The URL goes by a file descriptor: it may hold a password, and everybody sees command lines. */
const download = ({ key, validate_certs }: RpmKeyParams): Probe<KeyMaterial> =>
  read(
    labelled(`key at ${withoutCredentials(key)}`, [
      "if command -v curl >/dev/null 2>&1; then",
      `curl -q -fsSL --connect-timeout 10 --max-time 60 --max-filesize ${CONTENT_LIMIT}${validate_certs ? "" : " -k"} -K - <<'URL'`,
      `url = "${key.replace(/["\\]/g, "\\$&")}"`,
      "URL",
      "elif command -v wget >/dev/null 2>&1; then",
      `wget -q -T 10 -t 1${validate_certs ? "" : " --no-check-certificate"} -O - -i - <<'URL'`,
      key,
      "URL",
      "else echo 'neither curl nor wget is installed' >&2; exit 127; fi",
    ]),
    (answer) => downloaded(withoutCredentials(key), answer),
  );

const downloaded = (url: string, answer: ReadResult): KeyMaterial =>
  answer.code === 0
    ? keysIn(url, answer.stdout.toString("utf8"))
    : {
        kind: "fault",
        reason: `${url} cannot be fetched: ${answer.stderr.toString("utf8").trim() || `exit code ${answer.code}`}`,
      };

const withoutCredentials = (url: string): string => url.replace(/^([a-z]+:\/\/)[^/@]*@/, "$1");
