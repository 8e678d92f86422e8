import { createCatalog } from "../config/catalog.ts";
import { adHocPlay } from "../config/playbook.ts";
import type { Action } from "../core/action.ts";
import { LbplayError, LbplayErrors } from "../core/error.ts";
import type { EventSink } from "../core/event.ts";
import { openNodes } from "../engine/nodes.ts";
import { runPlaybooks } from "../engine/run.ts";
import type { PlannedTurn } from "../engine/run-context.ts";
import type { NodePlan } from "../lb/pair/planned.ts";
import { tasks } from "../tasks/registry.ts";
import { EXIT } from "./exit-code.ts";
import { type Io, untilSignal } from "./io.ts";
import { type LoadedRun, loadRun } from "./load-run.ts";
import { foundGroups, pairGroups, readNodes } from "./node-pairs.ts";
import { READING } from "./nodes.ts";
import type { FoundPairs } from "./read-pairs.ts";
import { collectionsPath, rolesPath } from "./roles-path.ts";
import { connectionOptions, createContext, playDefaults } from "./run-context.ts";
import type { PairSubject } from "./run-options.ts";

type Planned = PairSubject & { readonly kind: "playbooks" };

/** The pairs of an inventory as playbooks would leave them: these are walked in check mode, and change nothing. */
export const withPlannedPairs = async (
  { playbooks, live: options }: Planned,
  io: Io,
  work: (found: FoundPairs) => number | Promise<number>,
): Promise<number> => {
  const run = await loadRun({ ...options, playbooks }, io);
  return untilSignal(io, async (signal) => {
    try {
      return work(await plannedPairs(run, options, io, signal));
    } catch (error) {
      if (error instanceof LbplayError && error.code === "E_INTERRUPTED") return EXIT.interrupted;
      throw error;
    }
  });
};

const plannedPairs = async (
  run: LoadedRun,
  options: Planned["live"],
  io: Io,
  signal: AbortSignal,
): Promise<FoundPairs> => {
  const { redactor, credentials, inventory, allowed, extra, match } = run;
  const hosts = [...inventory.hosts.keys()].filter((host) => allowed?.has(host) ?? true);
  const groups = await pairGroups({ inventory, hosts }, options.limit);
  const reading = {
    ...READING,
    defaults: playDefaults(io),
    forks: options.forks,
    extraVars: extra,
    connection: connectionOptions(options.connection, credentials, io),
  };
  const { plans, sink, onPlanned, refuseFailed } = collectPlans();
  const parts = { io, redactor, inventory, match, signal, sink, owner: io.owner, ask: io.ask };
  for (const { playbook, loader } of run.loaded)
    await runPlaybooks([playbook], {
      ...createContext({ ...parts, loader, settings: reading }),
      onPlanned,
    });
  refuseFailed();
  const files = { cwd: io.cwd, vaults: credentials.vaults, onSecret: redactor.add };
  const { play, loader } = adHocPlay({
    ...files,
    modules: createCatalog(tasks),
    rolesPath: rolesPath(io),
    collectionsPath: collectionsPath(io),
  });
  const asRoot = { ...reading, connection: { ...reading.connection, become: true } };
  const names = [...new Set(groups.flatMap((group) => group.hosts))];
  const nodes = openNodes(play, names, createContext({ ...parts, loader, settings: asRoot }));
  try {
    const { known, unreachable } = await readNodes(nodes.all, options.forks, io.now, plans);
    const found = foundGroups(groups, known);
    return {
      ...found,
      notes: [...found.notes, ...notesOf(plans, names)],
      unreachable,
      redact: redactor.redact,
    };
  } finally {
    await nodes.close();
  }
};

/** Listens to a run in check mode: what it would do to each node, and where it would fail. */
const collectPlans = () => {
  const plans = new Map<string, { readonly actions: Action[]; unknown: boolean }>();
  const failures: LbplayError[] = [];
  const onPlanned = ({ node, changes, unrun }: PlannedTurn): void => {
    const plan = plans.get(node) ?? { actions: [], unknown: false };
    plans.set(node, plan);
    plan.actions.push(...changes.flatMap(({ actions }) => actions));
    plan.unknown ||= unrun;
  };
  const sink: EventSink = (event) => {
    if (event.kind !== "host-result" || event.status !== "failed" || event.ignored || event.rescued) return;
    failures.push(
      new LbplayError({
        code: "E_PLAN",
        message: `${event.host}: the task "${event.task.name}" (${event.task.at}) would fail: ${event.msg ?? "it says no more"}`,
        hint: event.hint,
      }),
    );
  };
  const refuseFailed = (): void => {
    if (failures.length > 0) throw new LbplayErrors(failures);
  };
  return { plans: plans as ReadonlyMap<string, NodePlan>, sink, onPlanned, refuseFailed };
};

const notesOf = (plans: ReadonlyMap<string, NodePlan>, names: readonly string[]): readonly string[] => {
  const changed = names.filter((name) => (plans.get(name)?.actions.length ?? 0) > 0);
  const unknown = names.filter((name) => plans.get(name)?.unknown === true);
  return [
    changed.length === 0
      ? "The playbook would change none of these nodes: they were looked at as they are."
      : `The playbook would change ${changed.join(" and ")}: what it would change there was looked at as it would be.`,
    ...(unknown.length === 0
      ? []
      : [
          `Some tasks can only be told by running them, so less is known of ${unknown.join(" and ")} than --live would see afterwards.`,
        ]),
  ];
};
