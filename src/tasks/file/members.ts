import type { Touched } from "../../core/action.ts";
import {
  type AttributeChange,
  type Attributes,
  applyAttribute,
  attributeChanges,
  type Identities,
  viewAttribute,
} from "../file-attributes/attributes.ts";
import type { PlannedChange } from "../planned-change.ts";
import type { TreeMember } from "../shared-probes/tree-state.ts";

/** Paths in one command: far below what a kernel takes, even if all are long. */
const PATHS_PER_COMMAND = 200;

/** What it takes to give every member of a tree the wanted attributes; one command sets many that become the same. */
export const memberChanges = (
  members: readonly TreeMember[],
  wanted: Attributes,
  ids: Identities,
): readonly PlannedChange[] => {
  const changes = members.flatMap((member) => attributeChanges(member.path, member, wanted, ids));
  const alike = new Map<string, AttributeChange[]>();
  for (const change of changes) {
    const key = [change.kind, commandOf(change).slice(0, -1).join(" ")].join();
    const group = alike.get(key);
    if (group === undefined) alike.set(key, [change]);
    else group.push(change);
  }
  return [...alike.values()].flatMap((group) => chunks(group).flatMap(together));
};

const commandOf = (change: AttributeChange): readonly string[] => {
  const [action] = applyAttribute(change);
  if (action?.kind !== "run") throw new Error("an attribute is set by one command");
  return action.argv;
};

const chunks = (changes: readonly AttributeChange[]): readonly (readonly AttributeChange[])[] =>
  Array.from({ length: Math.ceil(changes.length / PATHS_PER_COMMAND) }, (_, index) =>
    changes.slice(index * PATHS_PER_COMMAND, (index + 1) * PATHS_PER_COMMAND),
  );

/** The first carries the command for all. */
const together = (changes: readonly AttributeChange[]): readonly PlannedChange[] => {
  const [first] = changes;
  if (first === undefined) return [];
  const argv = [...commandOf(first).slice(0, -1), ...changes.map(({ path }) => path)];
  const touches = changes.map(({ path }): Touched => ({ kind: "path", path }));
  return changes.map((change, index) => ({
    view: viewAttribute(change),
    actions: index === 0 ? [{ kind: "run", argv, touches }] : [],
  }));
};
