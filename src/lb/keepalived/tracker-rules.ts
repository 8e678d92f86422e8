import type { Fault } from "../fault.ts";
import { priorityOf } from "./instance-lines.ts";
import type { KeepalivedModel } from "./model.ts";
import { DEMOTION, failureWeight } from "./trackers.ts";

type Path = Fault["path"];

const fault = (code: string, path: Path, message: string): Fault => ({ code, path, message });

/**
 * Whether a failed tracker really moves the addresses: under `nopreempt` or `preempt_delay` only FAULT (weight 0)
 * does, because a standby keeps accepting the adverts of a master whose priority fell; otherwise the fall must be
 * deeper than the gap.
 */
export const trackerRules = (model: KeepalivedModel): readonly Fault[] => [
  ...weighed(model).flatMap(({ weight, path }) => weightRules(model, weight, path)),
  ...gapRules(model),
  ...model.scripts.flatMap(({ interval, timeout }, index) =>
    timeout !== null && timeout > interval
      ? [fault("E_LB_SCRIPT", ["scripts", index, "timeout"], "must not be longer than the interval")]
      : [],
  ),
  ...nameRules(model),
  ...delayRules(model),
];

/** Everything that has a weight of its own. */
const weighed = (model: KeepalivedModel): readonly { readonly weight: number; readonly path: Path }[] => [
  ...(["scripts", "track_files", "track_processes"] as const).flatMap((kind) =>
    model[kind].flatMap(({ weight }, index) =>
      weight === null ? [] : [{ weight, path: [kind, index, "weight"] }],
    ),
  ),
  ...model.instances.flatMap(({ track_interfaces }, at) =>
    track_interfaces.flatMap((entry, index) => {
      const weight = /weight (-?\d+)/.exec(entry)?.[1];
      return weight === undefined
        ? []
        : [{ weight: Number(weight), path: ["instances", at, "track_interfaces", index] }];
    }),
  ),
];

const weightRules = (model: KeepalivedModel, weight: number, path: Path): readonly Fault[] => {
  if (weight === 0) return [];
  if (model.profile === "sticky") {
    return [
      fault(
        "E_LB_WEIGHT",
        path,
        "must be 0 in profile sticky: with nopreempt a mere change of priority never moves the addresses",
      ),
    ];
  }
  if (model.preempt_delay > 0) {
    return [
      fault(
        "E_LB_WEIGHT",
        path,
        "must be 0 with preempt_delay: it would hold up a failover by mere priority for as long",
      ),
    ];
  }
  if (weight > 0) {
    return [
      fault(
        "E_LB_WEIGHT",
        path,
        "must be negative: what is added to a healthy node's priority ends at 254 and is lost",
      ),
    ];
  }
  const gap = widestGap(model);
  return -weight > gap
    ? []
    : [
        fault(
          "E_LB_WEIGHT",
          path,
          `does not reach over the gap of ${gap} between the nodes' priorities: a failure would change nothing`,
        ),
      ];
};

const gapRules = (model: KeepalivedModel): readonly Fault[] => {
  const gap = widestGap(model);
  return failureWeight(model) !== 0 && gap >= DEMOTION
    ? [
        fault(
          "E_LB_PRIORITY",
          ["nodes"],
          `priorities ${gap} apart: a failed haproxy takes ${DEMOTION} off, which must be more than the gap`,
        ),
      ]
    : [];
};

const widestGap = (model: KeepalivedModel): number => {
  const priorities = model.nodes.map(({ name }) => priorityOf(model, name));
  return Math.max(...priorities) - Math.min(...priorities);
};

/** Two definitions of one name: keepalived takes the first and drops the other without failing. */
const nameRules = (model: KeepalivedModel): readonly Fault[] =>
  (["scripts", "track_files", "track_processes"] as const).flatMap((kind) => {
    const names = ["haproxy", "drain", ...model[kind].map(({ name }) => name)];
    return model[kind].flatMap(({ name }, index) =>
      names.indexOf(name) < index + 2
        ? [fault("E_LB_DUPLICATE", [kind, index, "name"], `"${name}" is taken`)]
        : [],
    );
  });

const delayRules = ({ profile, preempt_delay }: KeepalivedModel): readonly Fault[] =>
  profile === "sticky" && preempt_delay > 0
    ? [
        fault(
          "E_LB_PROFILE",
          ["preempt_delay"],
          "is for profile preferred: in profile sticky nobody takes anything back",
        ),
      ]
    : [];
