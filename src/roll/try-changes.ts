import { touchedBy } from "../core/action.ts";
import { packagesOf } from "../lb/roll/planned-packages.ts";
import { trial, trialVerdict } from "../lb/roll/stage.ts";
import { onNode } from "./on-node.ts";
import { type Roll, RollFailure } from "./parts.ts";

/**
 * Has the daemons of every node judge all files of the change set together before any of them lands. Throws RollFailure
 * where one refuses; nothing has been changed then.
 */
export const tryChanges = async (roll: Roll): Promise<void> => {
  const verdicts = await Promise.all(roll.job.hosts.map((host) => tryOn(roll, host)));
  const bad = verdicts.find((verdict) => verdict !== null);
  if (bad !== undefined && bad !== null) throw bad;
};

const tryOn = async (roll: Roll, host: string): Promise<RollFailure | null> => {
  const { job, pair, plans, impacts } = roll;
  const changes = (plans.get(host)?.changes ?? []).filter(({ node }) => node === host);
  const after = impacts.get(host)?.after ?? { haproxy: [], keepalived: [] };
  // Another program judges differently: each file is judged as it lands, by then.
  const renewed = (name: string): boolean => packagesOf(changes, name).length > 0;
  const made = trial(
    changes.flatMap(({ actions }) => actions),
    {
      haproxy: renewed("haproxy") ? [] : after.haproxy.map(({ path }) => path),
      keepalived: renewed("keepalived") ? null : (after.keepalived[0]?.path ?? null),
    },
  );
  if (made === null) return null;
  const { code, stdout, stderr } = await onNode(host, () =>
    job.act(host, made.script, { stdin: made.stdin }),
  );
  const verdict = trialVerdict(code, stdout.toString("utf8"), stderr.toString("utf8"));
  const tell = (status: "ok" | "warning" | "failed", message: string): void =>
    job.report({ group: pair.name, host, step: "validate", status, message, data: null });
  switch (verdict.kind) {
    case "valid":
      tell("ok", "all new files together are valid");
      return null;
    case "impossible":
      tell(
        "warning",
        `files cannot be tried together here (${verdict.reason}): each is validated as it lands`,
      );
      return null;
    case "invalid":
      if (isPartial(roll, host)) {
        tell(
          "warning",
          "files cannot be judged together before other tasks have run: each is validated as it lands",
        );
        return null;
      }
      tell("failed", `${verdict.what} refuses the new files, and none was put in place:\n${verdict.said}`);
      return new RollFailure(host, `${verdict.what} refuses the new files`, { told: true });
  }
};

/** Whether tasks make something that the new files may name, and that nobody knows before they have run. */
const isPartial = ({ plans, impacts }: Roll, host: string): boolean => {
  const plan = plans.get(host);
  const after = impacts.get(host)?.after;
  if (plan === undefined || after === undefined) return false;
  const texts = [...after.haproxy, ...after.keepalived].map(({ text }) => text);
  const made = plan.changes
    .flatMap(({ actions }) => actions)
    .filter(({ kind }) => kind === "run" || kind === "script")
    .flatMap(touchedBy)
    .flatMap((touched) => ("path" in touched ? [touched.path] : []));
  return (
    plan.unknown.some(({ handler }) => !handler) ||
    made.some((path) => texts.some((text) => text.includes(path)))
  );
};
