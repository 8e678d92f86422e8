import type { Action, Touched } from "../../core/action.ts";
import { defineState, type Plan, planOf } from "../../core/task.ts";
import type { PublicKey } from "../openpgp/public-keys.ts";
import { actionsOf, type PlannedChange, viewOf } from "../planned-change.ts";
import { type ImportedKey, idOf, pathOf, probe, type RpmKeyFacts } from "./facts.ts";
import { type RpmKeyParams, schema } from "./schema.ts";

/** Makes rpm know a public key that signs packages, or forget it. */
export const rpmKey = defineState<RpmKeyParams, RpmKeyFacts, PlannedChange>({
  kind: "state",
  name: "rpm_key",
  aliases: ["ansible.builtin.rpm_key", "ansible.legacy.rpm_key"],
  summary: "Makes rpm know a public key that signs packages, or forget it.",
  schema,
  example: `- ansible.builtin.rpm_key:
    key: https://dl.fedoraproject.org/pub/epel/RPM-GPG-KEY-EPEL-9
    fingerprint: FF8A D134 4597 106E CE81 3B91 8A38 72BF 3228 467C
`,
  rules,
  inspect: probe,
  diff,
  view: viewOf,
  apply: actionsOf,
});

function rules({ key, fingerprint }: RpmKeyParams): readonly string[] {
  return [
    ...(idOf(key) !== null || pathOf(key) !== null || /^[a-z]+:\/\/[^\s]+$/.test(key)
      ? []
      : ["key is a file's absolute path, a URL or a key's id of 8 to 40 hexadecimal digits"]),
    ...fingerprintsOf(fingerprint)
      .filter((digits) => digits.length !== 40)
      .map((digits) => `a fingerprint has 40 hexadecimal digits, ${digits} has ${digits.length}`),
  ];
}

function diff(params: RpmKeyParams, { imported, material }: RpmKeyFacts): Plan<PlannedChange> {
  if (imported === null) return { kind: "blocked", reason: "there is no rpm: this is not an RPM system" };
  if (material.kind === "fault") return { kind: "blocked", reason: material.reason };
  const ids = material.kind === "id" ? [material.id] : material.keys.map(({ fingerprint }) => fingerprint);
  const wrong = wrongFingerprint(params, ids);
  if (wrong !== null) return { kind: "blocked", reason: wrong };
  if (params.state === "absent") {
    return planOf(imported.filter((key) => ids.some((id) => isKey(key, id))).map(removal));
  }
  const missing = ids.filter((id) => !imported.some((key) => isKey(key, id)));
  if (missing.length === 0) return { kind: "converged" };
  if (material.kind === "id") {
    return {
      kind: "blocked",
      reason: `rpm has no key ${material.id}; to import it, give its file or URL`,
    };
  }
  const actions = importActions(params.key, material.text);
  return planOf(
    material.keys
      .filter(({ fingerprint }) => missing.includes(fingerprint))
      .map((key, index) => ({
        view: { field: fieldOf(key), before: null, after: "imported" },
        actions: index === 0 ? actions : [],
      })),
  );
}

/** rpm may tell only the last digits of a key, and so may the task. */
const isKey = ({ fingerprint }: ImportedKey, id: string): boolean =>
  fingerprint.endsWith(id) || id.endsWith(fingerprint);

/** Every key of a file is imported, so each has to be one that was promised. */
const wrongFingerprint = ({ fingerprint }: RpmKeyParams, ids: readonly string[]): string | null => {
  const wanted = fingerprintsOf(fingerprint);
  if (wanted.length === 0) return null;
  const other = ids.find((id) => !wanted.some((digits) => digits.endsWith(id)));
  return other === undefined ? null : `the key is ${other}, not ${wanted.join(" or ")}`;
};

const fingerprintsOf = (fingerprint: RpmKeyParams["fingerprint"]): readonly string[] =>
  (fingerprint ?? []).map((digits) => digits.replaceAll(" ", "").toUpperCase());

/** What was looked at is what is imported, also from a server that answers differently the next time. */
const importActions = (key: string, text: string): readonly Action[] => {
  const path = pathOf(key);
  if (path !== null) return [{ kind: "run", argv: ["rpm", "--import", path], touches: [IMPORTED] }];
  const script = 't=$(mktemp) || exit 1\ntrap \'rm -f "$t"\' EXIT\ncat > "$t" && rpm --import "$t"';
  return [{ kind: "script", script, stdin: Buffer.from(text), touches: [IMPORTED] }];
};

const IMPORTED: Touched = { kind: "lasting", what: "a key was imported into rpm" };

const removal = (key: ImportedKey): PlannedChange => ({
  view: { field: fieldOf(key), before: "imported", after: null },
  actions: [
    {
      kind: "run",
      argv: ["rpm", "--erase", key.package],
      touches: [{ kind: "lasting", what: `${fieldOf(key)} was removed` }],
    },
  ],
});

const fieldOf = ({ fingerprint, userId }: Pick<PublicKey, "fingerprint" | "userId">): string =>
  `rpm key ${fingerprint.slice(-16)}${userId === "" ? "" : ` ${userId}`}`;
