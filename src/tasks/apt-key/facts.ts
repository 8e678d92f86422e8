import { all, known, type Probe, type ReadResult, read } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import { KEYS_OF } from "../openpgp/fingerprints.ts";
import { keyIn } from "../openpgp/public-keys.ts";
import { CONTENT_LIMIT } from "../shared-probes/file-state.ts";
import { assign, labelled } from "../shared-probes/label.ts";
import type { AptKeyParams } from "./schema.ts";

/** A file of keys that apt trusts. */
export interface Keyring {
  readonly path: string;
  /** Upper-case fingerprints of the keys, and of their subkeys. */
  readonly keys: readonly string[];
  readonly subkeys: readonly string[];
}

/** What is known of the key that the task is about. */
export type Wanted =
  | { readonly kind: "id"; readonly id: string }
  | { readonly kind: "fault"; readonly reason: string };

/** What apt_key has to know of a node. */
export interface AptKeyFacts {
  /** null where there is no apt. */
  readonly keyrings: readonly Keyring[] | null;
  readonly wanted: Wanted;
}

/** The id without 0x, in upper case. */
export const plainId = (id: string): string => id.trim().replace(/^0x/i, "").toUpperCase();

/** Everything a task needs to know. Only a key without an id has to be looked at to know which one it is. */
export const aptKeyFacts = (params: AptKeyParams): Probe<AptKeyFacts> =>
  all<AptKeyFacts>({ keyrings: keyrings(params.keyring), wanted: wanted(params) });

const keyrings = (keyring: string | null): Probe<readonly Keyring[] | null> =>
  read(
    labelled(keyring === null ? "keys that apt trusts" : `keys in ${keyring}`, [
      ...KEYS_OF,
      "command -v apt-config >/dev/null 2>&1 || exit 127",
      ...(keyring === null
        ? [
            'eval "$(apt-config shell f Dir::Etc::trusted/f d Dir::Etc::trustedparts/d)"',
            'set -- "$f" "$d"*.gpg "$d"*.asc',
          ]
        : [`set -- ${quote(keyring)}`]),
      'for p in "$@"; do [ -s "$p" ] || continue; echo "file $p"; keys_of "$p"; done',
    ]),
    parseKeyrings,
  );

const parseKeyrings = ({ code, stdout }: ReadResult): readonly Keyring[] | null => {
  if (code === 127) return null;
  return stdout
    .toString("utf8")
    .split(/^file /m)
    .slice(1)
    .map((block) => {
      const [path = "", ...lines] = block.split("\n");
      const of = (kind: string): readonly string[] =>
        lines.filter((line) => line.startsWith(kind)).map((line) => line.slice(4).toUpperCase());
      return { path, keys: of("pub "), subkeys: of("sub ") };
    });
};

const wanted = ({ id, data, file, url, validate_certs }: AptKeyParams): Probe<Wanted> => {
  if (id !== null) return known({ kind: "id", id: plainId(id) });
  if (data !== null) return known(idIn("data", Buffer.from(data)));
  if (file !== null) {
    return read(
      labelled(`key in ${file}`, [assign("p", file), '[ -e "$p" ] || exit 3', 'cat <"$p"']),
      ({ code, stdout, stderr }) => {
        if (code === 3) return { kind: "fault", reason: `${file} does not exist` };
        if (code !== 0) return { kind: "fault", reason: stderr.toString("utf8").trim() };
        return idIn(file, stdout);
      },
    );
  }
  if (url === null) return known({ kind: "fault", reason: "nothing says which key is meant" });
  const shown = withoutCredentials(url);
  return read(
    labelled(`key at ${shown}`, [...FETCH(validate_certs), "fetch - <<'URL'", url, "URL"]),
    ({ code, stdout, stderr }) =>
      code === 0
        ? idIn(shown, stdout)
        : {
            kind: "fault",
            reason: `${shown} cannot be fetched: ${stderr.toString("utf8").trim() || `exit code ${code}`}`,
          },
  );
};

const idIn = (source: string, bytes: Buffer): Wanted => {
  const key = keyIn(bytes);
  return key === null
    ? { kind: "fault", reason: `${source} holds no public key of OpenPGP version 4` }
    : { kind: "id", id: key.fingerprint };
};

/**
 * Shell lines of `fetch FILE`, which fetches the URL on its standard input. The URL goes by a file descriptor: it may
 * hold a password, and everybody sees command lines.
 */
export const FETCH = (validate: boolean): readonly string[] => [
  "fetch() { read -r u; if command -v curl >/dev/null 2>&1; then",
  `printf 'url = "%s"\\n' "$u" | curl -q -fsSL --connect-timeout 10 --max-time 60 --max-filesize ${CONTENT_LIMIT}${validate ? "" : " -k"} -o "$1" -K -`,
  "elif command -v wget >/dev/null 2>&1; then",
  `printf '%s\\n' "$u" | wget -q -T 10 -t 1${validate ? "" : " --no-check-certificate"} -O "$1" -i -`,
  "else echo 'neither curl nor wget is installed' >&2; return 127; fi; }",
];

/** For messages. */
export const withoutCredentials = (url: string): string => url.replace(/^([a-z]+:\/\/)[^/@]*@/, "$1");
