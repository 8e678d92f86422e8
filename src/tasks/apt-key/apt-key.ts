import type { Action, Touched } from "../../core/action.ts";
import { quote } from "../../core/shell.ts";
import { defineState, type Plan, planOf } from "../../core/task.ts";
import type { Value } from "../../core/value.ts";
import { KEYS_OF } from "../openpgp/fingerprints.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { parentOf } from "../shared-probes/file-state.ts";
import { type AptKeyFacts, aptKeyFacts, FETCH, type Keyring, plainId } from "./facts.ts";
import { type AptKeyParams, schema } from "./schema.ts";

/** Makes apt trust a key, or distrust it. */
export const aptKey = defineState<AptKeyParams, AptKeyFacts, PlannedChange>({
  kind: "state",
  name: "apt_key",
  aliases: ["ansible.builtin.apt_key", "ansible.legacy.apt_key"],
  summary: "Makes apt trust a key that signs packages, or distrust it; needs neither gpg nor apt-key.",
  schema,
  example: `- ansible.builtin.apt_key:
    url: https://haproxy.debian.net/haproxy-archive-keyring.gpg
    id: AEF2348766F371C689A7360095A42FE8353525F9
`,
  rules,
  inspect: aptKeyFacts,
  diff,
  view: viewOf,
  apply: actionsOf,
  result: (params, facts) => ({ ...idsOf(params, facts), after: keyIds(params, facts) }),
  was: (params, facts) => ({ before: keyIds(params, facts) }),
});

function rules({ id, data, file, url, keyserver, state }: AptKeyParams): readonly string[] {
  const sources = [data, file, url, keyserver].filter((one) => one !== null).length;
  return [
    ...(sources > 1 ? ["data, file, keyserver and url exclude each other"] : []),
    ...(keyserver !== null && id === null ? ["keyserver needs an id"] : []),
    ...(state === "absent" && id === null ? ["id is required when state is absent"] : []),
    ...(state === "present" && sources === 0 ? ["one of data, file, keyserver and url is required"] : []),
    ...(data !== null && !data.includes("-----BEGIN PGP PUBLIC KEY BLOCK-----")
      ? ["data holds no armored public key"]
      : []),
  ];
}

const idsOf = ({ id }: AptKeyParams, { wanted }: AptKeyFacts): Readonly<Record<string, Value>> =>
  wanted.kind === "fault"
    ? {}
    : {
        id: id === null ? wanted.id.slice(-16) : id,
        key_id: id === null ? wanted.id.slice(-16) : wanted.id,
        fp: wanted.id.slice(-16),
        short_id: wanted.id.slice(-8),
      };

/** As apt-key lists them: 16 digits, or 8 where the task names a key by so few. */
const keyIds = ({ id }: AptKeyParams, { keyrings }: AptKeyFacts): Value => {
  const digits = id !== null && plainId(id).length === 8 ? 8 : 16;
  return (keyrings ?? []).flatMap(({ keys, subkeys }) =>
    [...keys, ...subkeys].map((key) => key.slice(-digits)),
  );
};

function diff(params: AptKeyParams, { keyrings, wanted }: AptKeyFacts): Plan<PlannedChange> {
  if (keyrings === null) return { kind: "blocked", reason: "there is no apt: this is no Debian system" };
  if (wanted.kind === "fault") return { kind: "blocked", reason: wanted.reason };
  const { id } = wanted;
  if (params.state === "absent") {
    return planOf(
      keyrings.filter(({ keys }) => keys.some((key) => key.endsWith(id))).map((one) => removal(one, id)),
    );
  }
  const present = keyrings.some(({ keys, subkeys }) => [...keys, ...subkeys].some((key) => key.endsWith(id)));
  return planOf(present ? [] : [addition(params, id)]);
}

/** What is fetched lands only if it has the id, beside the others and complete. */
const addition = (params: AptKeyParams, id: string): PlannedChange => {
  const { data, file, keyring } = params;
  const touched: readonly Touched[] = [
    { kind: "path", path: keyring ?? `${TRUSTED}/${id.slice(-16)}.asc` },
    ...(keyring === null ? [{ kind: "path", path: `${TRUSTED}/${id.slice(-16)}.gpg` } as const] : []),
  ];
  const url = urlOf(params, id);
  return {
    view: { field: `apt key ${id.slice(-16)}`, before: null, after: "trusted" },
    actions: [
      {
        kind: "script",
        script: [
          ...KEYS_OF,
          ...(url === null ? [] : FETCH(params.validate_certs)),
          "t=$(mktemp -d) || exit 1; n=",
          `trap 'rm -rf "$t" "$n"' EXIT; trap 'exit 129' HUP INT TERM PIPE`,
          file !== null
            ? `cat ${quote(file)} >"$t/key" || exit 1`
            : url !== null
              ? 'fetch "$t/key" || exit'
              : 'cat >"$t/key"',
          `if ! keys_of "$t/key" | grep -qi ${quote(`${id}$`)}; then echo ${quote(`the key is not ${id}`)} >&2; exit 1; fi`,
          "a=gpg; ! grep -q -e '-----BEGIN PGP PUBLIC KEY BLOCK-----' \"$t/key\" || a=asc",
          ...(keyring === null ? ownFile(id) : intoKeyring(keyring)),
        ].join("\n"),
        ...(data !== null
          ? { stdin: Buffer.from(data) }
          : url !== null
            ? { stdin: Buffer.from(`${url}\n`) }
            : {}),
        touches: touched,
      },
    ],
  };
};

const TRUSTED = "/etc/apt/trusted.gpg.d";

/** A key server's address for a key; gpg's own scheme is HTTP on a port of its own. */
const urlOf = ({ url, keyserver }: AptKeyParams, id: string): string | null => {
  if (keyserver === null) return url;
  const [, scheme = "hkp", host = ""] = /^(?:([a-z]+):\/\/)?(.*?)\/?$/.exec(keyserver) ?? [];
  const port = scheme === "hkp" && !/:\d+$/.test(host) ? ":11371" : "";
  const base = scheme === "hkp" || scheme === "http" ? `http://${host}${port}` : `https://${host}`;
  return `${base}/pks/lookup?op=get&options=mr&search=0x${id}`;
};

const ownFile = (id: string): readonly string[] => [
  'd=; eval "$(apt-config shell d Dir::Etc::trustedparts/d)"; mkdir -p "$d"',
  'n=$(mktemp "${d}.lbplay.XXXXXXXX") || exit 1',
  `cat "$t/key" >"$n" && chmod 0644 "$n" && mv -f "$n" "\${d}${id.slice(-16)}.$a"`,
];

/** A keyring is keys one after another; one that ends with .asc keeps them armored. */
const intoKeyring = (path: string): readonly string[] => [
  `p=${quote(path)}; mkdir -p ${quote(parentOf(path))}`,
  `n=$(mktemp ${quote(`${parentOf(path)}/.lbplay.XXXXXXXX`)}) || exit 1`,
  'if [ -e "$p" ]; then cat "$p" >"$n" || exit 1; fi',
  ...(path.endsWith(".asc")
    ? [
        'if [ $a = gpg ]; then { echo "-----BEGIN PGP PUBLIC KEY BLOCK-----"; echo; base64 "$t/key"; echo "-----END PGP PUBLIC KEY BLOCK-----"; } >"$t/out"; else cp "$t/key" "$t/out"; fi',
      ]
    : [
        `if [ $a = asc ]; then awk '/^-----BEGIN PGP/ { h = 1; next } /^-----END PGP/ { exit } { sub(/\\r$/, "") } h == 1 { if ($0 == "") h = 2; next } h == 2 && !/^=/' "$t/key" | base64 -d >"$t/out" || exit 1; else cp "$t/key" "$t/out"; fi`,
      ]),
  'cat "$t/out" >>"$n" && chmod 0644 "$n" && mv -f "$n" "$p"',
];

/** A file of this key alone goes; taking one out of several is apt-key's and gpg's work. */
const removal = ({ path, keys }: Keyring, id: string): PlannedChange => ({
  view: { field: `apt key ${id.slice(-16)} in ${path}`, before: "trusted", after: null },
  actions: [keys.length === 1 ? { kind: "remove", path } : partial(path, id)],
});

const partial = (path: string, id: string): Action => ({
  kind: "script",
  script: [
    `if ! command -v apt-key >/dev/null 2>&1; then echo ${quote(`${path} holds other keys too, and there is no apt-key to take ${id} out of it`)} >&2; exit 1; fi`,
    `APT_KEY_DONT_WARN_ON_DANGEROUS_USAGE=1 apt-key --keyring ${quote(path)} del ${id.slice(-8)}`,
  ].join("\n"),
  touches: [{ kind: "path", path }],
});
