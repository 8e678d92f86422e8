import type { Action } from "../../core/action.ts";
import { type Probe, read } from "../../core/probe.ts";
import { quote } from "../../core/shell.ts";
import type { Attributes } from "../file-attributes/attributes.ts";
import { land, prologue, temporary } from "../openssl/landing.ts";
import { assign, labelled } from "../shared-probes/label.ts";

/** What a file says of a name: whether the password is its own, as far as openssl can tell. */
export type Login = "matches" | "differs" | "unknown" | "absent" | "no-openssl";

/** openssl's words for the schemes that it can make. */
export const SCHEMES: ReadonlyMap<string, string> = new Map([
  ["apr_md5_crypt", "openssl passwd -apr1 -stdin"],
  ["sha256_crypt", "openssl passwd -5 -stdin"],
  ["sha512_crypt", "openssl passwd -6 -stdin"],
  [
    "ldap_sha1",
    `{ IFS= read -r x; printf '{SHA}'; printf '%s' "$x" | openssl dgst -sha1 -binary | openssl base64; }`,
  ],
]);

const LOGINS: ReadonlyMap<number, Login> = new Map([
  [0, "matches"],
  [1, "differs"],
  [3, "absent"],
  [127, "no-openssl"],
]);

/** Holds a password against the hash in the file, on the node. It goes through a pipe of the shell's own. */
export const login = (path: string, name: string, password: string | null): Probe<Login> =>
  read(
    labelled(`${password === null ? "whether there is" : "the password of"} ${name} in ${path}`, [
      assign("p", path),
      assign("n", name),
      '[ -f "$p" ] || exit 3',
      'h=; while IFS= read -r l || [ -n "$l" ]; do case $l in "$n:"*) h=${l#"$n:"}; break ;; esac; done < "$p"',
      '[ -n "$h" ] || exit 3',
      ...(password === null ? ["exit 1"] : comparison(password)),
    ]),
    ({ code }) => LOGINS.get(code) ?? "unknown",
  );

const comparison = (password: string): readonly string[] => [
  "command -v openssl >/dev/null 2>&1 || exit 127",
  `w() { printf '%s\\n' ${quote(password)}; }`,
  // What is between the scheme and the last $ is the salt, with the rounds before it where they are given.
  "s=${h#?*\\$}; s=${s%\\$*}",
  "case $h in",
  `'$apr1$'*) g=$(w | openssl passwd -apr1 -salt "$s" -stdin) || exit 5 ;;`,
  `'$5$'*) g=$(w | openssl passwd -5 -salt "$s" -stdin) || exit 5 ;;`,
  `'$6$'*) g=$(w | openssl passwd -6 -salt "$s" -stdin) || exit 5 ;;`,
  `'{SHA}'*) g=$(w | ${SCHEMES.get("ldap_sha1")}) || exit 5 ;;`,
  "*) exit 5 ;;",
  "esac",
  '[ "$g" = "$h" ] || exit 1',
];

/** What a name shall have. */
interface Entry {
  readonly path: string;
  readonly name: string;
  /** null takes the name out. */
  readonly password: string | null;
  readonly scheme: string;
}

/** Writes the file anew with the name's line in it, in its place or at the end, or without it. */
export const entryAction = ({ path, name, password, scheme }: Entry, attributes: Attributes): Action => ({
  kind: "script",
  script: [
    ...prologue("o"),
    assign("n", name),
    temporary("o", path),
    ...(password === null
      ? []
      : [`h=$(${scheme}) && [ -n "$h" ] || { echo 'openssl could not make the hash' >&2; exit 1; }; d=0`]),
    `{ [ ! -f ${quote(path)} ] || while IFS= read -r l || [ -n "$l" ]; do case $l in`,
    password === null ? '"$n:"*) ;;' : '"$n:"*) [ $d = 1 ] || printf \'%s:%s\\n\' "$n" "$h"; d=1 ;;',
    `*) printf '%s\\n' "$l" ;; esac; done < ${quote(path)}`,
    ...(password === null ? [] : ['[ $d = 1 ] || printf \'%s:%s\\n\' "$n" "$h"']),
    '} > "$o" || exit 1',
    ...land("o", path, attributes, false),
  ].join("\n"),
  ...(password === null ? {} : { stdin: Buffer.from(`${password}\n`) }),
  touches: [{ kind: "path", path }],
});
