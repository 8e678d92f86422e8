import { known, type Probe, type ReadResult, read } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import { publicKeys } from "../openpgp/public-keys.ts";
import { labelled } from "../shared-probes/label.ts";
import { FIND_SOURCES } from "./facts.ts";
import type { AptRepositoryParams } from "./schema.ts";

/** A personal package archive of Launchpad. */
export interface Ppa {
  readonly owner: string;
  readonly name: string;
}

/** The archive that `ppa:owner/name` means; null for a line of sources.list. */
export const ppaOf = (repo: string): Ppa | null => {
  const [, owner, name = "ppa"] =
    /^ppa:([a-z0-9][a-z0-9.+-]*)(?:\/([A-Za-z0-9][A-Za-z0-9.+-]*))?$/.exec(repo) ?? [];
  return owner === undefined ? null : { owner, name };
};

/** The line of sources.list for an archive. */
export const ppaLine = ({ owner, name }: Ppa, codename: string): string =>
  `deb http://ppa.launchpad.net/${owner}/${name}/ubuntu ${codename} main`;

/** The key that an archive is signed with, or why it is not known. `unneeded`: the archive is a source already. */
export type PpaKey =
  | { readonly kind: "unneeded" }
  | { readonly kind: "key"; readonly fingerprint: string; readonly armor: string }
  | { readonly kind: "fault"; readonly reason: string };

/**
 * Launchpad tells the fingerprint, Ubuntu's key server the key; it is used only if it has this fingerprint. Nothing is
 * asked where the archive is a source already.
 */
export const ppaKey = ({ repo, codename, validate_certs, state }: AptRepositoryParams): Probe<PpaKey> => {
  const ppa = ppaOf(repo);
  if (ppa === null || state === "absent") return known({ kind: "unneeded" });
  return read(
    labelled(`key of ${repo}`, [
      ...FIND_SOURCES(codename),
      `grep -qsxF "${ppaLine(ppa, "$c")}" "$f" "$d"*.list && exit 3`,
      "get() { if command -v curl >/dev/null 2>&1; then",
      `curl -q -fsSL --connect-timeout 10 --max-time 60${validate_certs ? "" : " -k"} "$1"`,
      "elif command -v wget >/dev/null 2>&1; then",
      `wget -q -T 10 -t 1${validate_certs ? "" : " --no-check-certificate"} -O - "$1"`,
      "else echo 'neither curl nor wget is installed' >&2; return 127; fi; }",
      `i=$(get ${quote(`https://api.launchpad.net/1.0/~${ppa.owner}/+archive/ubuntu/${ppa.name}`)}) || exit`,
      `k=$(printf '%s' "$i" | sed -n 's/.*"signing_key_fingerprint": *"\\([0-9A-F]*\\)".*/\\1/p')`,
      'echo "$k"; [ -n "$k" ] || exit 1',
      'get "https://keyserver.ubuntu.com/pks/lookup?op=get&options=mr&search=0x$k"',
    ]),
    (answer) => parseKey(repo, answer),
  );
};

const parseKey = (repo: string, { code, stdout, stderr }: ReadResult): PpaKey => {
  if (code === 3) return { kind: "unneeded" };
  const text = stdout.toString("utf8");
  const [first = ""] = text.split("\n", 1);
  const armor = text.slice(first.length + 1);
  if (code !== 0 || !/^[0-9A-F]{40}$/.test(first)) {
    const said = stderr.toString("utf8").trim() || `exit code ${code}`;
    return { kind: "fault", reason: `the key of ${repo} cannot be fetched: ${said}` };
  }
  return publicKeys(armor).some((key) => key?.fingerprint === first)
    ? { kind: "key", fingerprint: first, armor }
    : { kind: "fault", reason: `the key server has no key ${first}, which signs ${repo}` };
};
