import { resolve } from "node:path";
import { ROOT } from "../../src/build/step.ts";
import { timed } from "../compare/command.ts";
import type { Fleet } from "./fleet.ts";
import type { Workload } from "./workloads.ts";

/** How long one run took, in milliseconds, and what it said at its end. */
export interface Ran {
  readonly milliseconds: number;
  readonly changed: number;
  /** Round trips to one node at most; null where the program does not count them. */
  readonly trips: number | null;
}

/** One way to bring nodes where a playbook wants them. */
export interface Contestant {
  readonly name: string;
  /** Whether it changes what is not as wanted; the floor only reads. */
  readonly applies: boolean;
  readonly run: (workload: Workload, fleet: Fleet) => Promise<Ran>;
}

const LBPLAY = resolve(ROOT, "dist/lbplay.js");

/** lbplay as anybody would call it. */
export const lbplay: Contestant = {
  name: "lbplay",
  applies: true,
  run: async ({ directory, playbook }, { inventory }) => {
    const words = [process.execPath, LBPLAY, "run", playbook, "-i", inventory, "--output", "plain"];
    const { milliseconds, output } = await timed(words, { cwd: directory });
    const trips = /at most (\d+) to one of them|(\d+) round trips? to 1 node/.exec(output);
    return {
      milliseconds,
      changed: changedIn(output),
      trips: Number(trips?.[1] ?? trips?.[2] ?? Number.NaN),
    };
  },
};

const ansible = (name: string, env: Readonly<Record<string, string>>): Contestant => ({
  name,
  applies: true,
  run: async ({ directory, playbook }, { inventory, home }) => {
    const { milliseconds, output } = await timed(["ansible-playbook", playbook, "-i", inventory], {
      cwd: directory,
      env: {
        HOME: home,
        ANSIBLE_HOME: `${home}/.ansible`,
        ANSIBLE_NOCOLOR: "1",
        ANSIBLE_RETRY_FILES_ENABLED: "0",
        ...env,
      },
    });
    return { milliseconds, changed: changedIn(output), trips: null };
  },
});

/** Its best ordinary settings: pipelining, connections that stay for a minute, a process for each node. */
const BEST = {
  ANSIBLE_PIPELINING: "1",
  ANSIBLE_FORKS: "20",
  ANSIBLE_SSH_ARGS: "-o ControlMaster=auto -o ControlPersist=60s",
};

/** Ansible with its best ordinary settings, with its defaults, and with Mitogen. */
export const ansibleBest = ansible("Ansible, pipelining", BEST);
export const ansibleDefaults = ansible("Ansible, defaults", {});
export const mitogen = ansible("Ansible, Mitogen", {
  ...BEST,
  ANSIBLE_STRATEGY: "mitogen_linear",
  ANSIBLE_STRATEGY_PLUGINS: "/usr/lib/python3/dist-packages/ansible_mitogen/plugins/strategy",
});

/** What no tool can be faster than: one ssh for each node, all at once, with a script of the same reads. */
export const floor: Contestant = {
  name: "floor: one ssh with the reads",
  applies: false,
  run: async (workload, fleet) => {
    const started = performance.now();
    await Promise.all(
      fleet.nodes.map(({ role, ssh }) =>
        timed([...ssh, "sudo", "-n", "sh", "-s"], { input: workload.reads(role) }),
      ),
    );
    return { milliseconds: performance.now() - started, changed: 0, trips: 1 };
  },
};

const changedIn = (output: string): number =>
  [...output.matchAll(/ changed=(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
