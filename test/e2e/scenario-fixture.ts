import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect } from "vitest";
import { quote } from "../../src/core/shell.ts";
import { must, run } from "../../src/lab/command.ts";
import { nodeLeader } from "../../src/lab/node.ts";
import { type Outage, outageOf } from "../../src/probe/outage.ts";
import type { ProbeSettings } from "../../src/probe/sample.ts";
import { type LabRequest, type TestLab, withLab } from "./lab-fixture.ts";
import { changedTasks, recapOf, runEvents } from "./lbplay.ts";

/** A scenario of playbooks/scenarios in a lab of its own, and what a reader of its walkthrough would ask it. */
export interface Scenario {
  readonly lab: TestLab;
  /** The words of a run of the scenario's playbook with its inventory, on the lab's nodes. */
  readonly words: (...more: readonly string[]) => readonly string[];
  /** Runs the playbook until it has nothing to do: once to converge, once to see that it stays, once to see that check mode agrees. */
  readonly converges: (...more: readonly string[]) => Promise<void>;
  /** A request from the client. */
  readonly ask: (url: string, ...options: readonly string[]) => Promise<Answer>;
  /** Which of lb1 and lb2 have an address; the virtual IP if none is given. */
  readonly holders: (address?: string) => Promise<readonly string[]>;
  /** The only owner of the virtual IP, once there is exactly one. */
  readonly owner: () => Promise<string>;
  /** Waits until both load balancers have every server up, and one of them the virtual IP; each test begins with it. */
  readonly mended: () => Promise<void>;
  /** The status of each server as a load balancer sees it, by `backend/server`. */
  readonly servers: (node: string) => Promise<Readonly<Record<string, string>>>;
  /** Breaks the owner, and measures until the other node has served for a while; what was broken is mended. */
  readonly failover: (fault: Fault, wish?: Partial<ProbeSettings>) => Promise<Outage>;
  /** A page as a browser on the client's network shows it. */
  readonly browse: (url: string) => Promise<Page>;
}

/** What is done to the owner of the virtual IP, and how it is undone. */
export interface Fault {
  readonly inject: string;
  readonly undo: string;
}

/** An answer to a request; status null and no headers where there was none. */
export interface Answer {
  readonly exit: number;
  readonly status: number | null;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** The `name=value` lines that a member answers with. */
  readonly said: Readonly<Record<string, string>>;
}

/** What a browser made of a page. */
export interface Page {
  readonly dom: string;
  /** A PNG; null where the browser had nothing to show, such as a page that it may not see. */
  readonly screenshot: Buffer | null;
}

/** HAProxy stops, as after a crash that systemd does not mend. */
export const HAPROXY_STOPS: Fault = {
  inject: "systemctl stop haproxy",
  undo: "systemctl start haproxy",
};

/** keepalived stops. */
export const KEEPALIVED_STOPS: Fault = {
  inject: "systemctl stop keepalived",
  undo: "systemctl start keepalived",
};

/** A scenario's lab is up for the tests of the file. */
export const withScenario = (name: string, request: Omit<LabRequest, "name">): Scenario => {
  const lab = withLab({ name: `scenario-${name.slice(0, 3)}`, ...request });
  const words: Scenario["words"] = (...more) => [
    `playbooks/scenarios/${name}.yaml`,
    "-i",
    `inventory/scenarios/${name}`,
    "-i",
    lab.inventoryFile(),
    ...more,
  ];
  const holders: Scenario["holders"] = async (address = lab.vip()) => {
    const held = await Promise.all(
      ["lb1", "lb2"].map(async (node) => {
        const { stdout } = await lab.exec(node, `ip -o addr show to ${address}`);
        return stdout === "" ? [] : [node];
      }),
    );
    return held.flat();
  };
  const owner = async (): Promise<string> => {
    await expect.poll(() => holders(), { timeout: 20_000 }).toHaveLength(1);
    const [only] = await holders();
    if (only === undefined) throw new Error("the virtual IP has just lost its owner");
    return only;
  };
  const mended = (): Promise<void> => expect.poll(() => unfit(lab, holders), { timeout: 30_000 }).toEqual([]);
  let converged = false;
  // What an earlier test broke and mended comes back by health checks, at each load balancer and each proxy by itself.
  beforeEach(async () => {
    if (converged) await mended();
  }, 60_000);
  return {
    lab,
    words,
    holders,
    owner,
    mended,
    converges: async (...more) => {
      await converges(lab, words(...more));
      converged = true;
    },
    ask: (url, ...options) => ask(lab, url, options),
    servers: (node) => servers(lab, node),
    failover: async (fault, wish = {}) => failover(lab, await settledOwner(lab, owner), fault, wish),
    browse: (url) => browse(lab, url),
  };
};

const converges = async (lab: TestLab, words: readonly string[]): Promise<void> => {
  const first = await runEvents(words);
  expect({ code: first.code, stderr: first.stderr }, first.stdout.slice(-2000)).toEqual({
    code: 0,
    stderr: "",
  });
  const second = await runEvents(words);
  expect({ code: second.code, changed: changedTasks(second.events) }).toEqual({ code: 0, changed: [] });
  const trips = Object.entries(recapOf(second.events).roundTrips);
  expect(trips.filter(([, count]) => count > 2)).toEqual([]);
  const named = lab.site().record.nodes.flatMap(({ name, role }) => (role === "client" ? [] : [name]));
  expect(trips.map(([host]) => host).toSorted()).toEqual(named.toSorted());
  const check = await runEvents([...words, "--check"]);
  expect({ code: check.code, changed: changedTasks(check.events) }).toEqual({ code: 0, changed: [] });
};

const ask = async (lab: TestLab, url: string, options: readonly string[]): Promise<Answer> => {
  const words = ["curl", "-sS", "-i", "--max-time", "10", ...options, url];
  const { code, stdout } = await lab.exec("client", words.map(quote).join(" "));
  const [head = "", ...rest] = stdout.split("\r\n\r\n");
  const [first = "", ...lines] = head.split("\r\n");
  const status = /^HTTP\/\S+ (\d{3})/.exec(first)?.[1];
  const body = rest.join("\r\n\r\n");
  return {
    exit: code,
    status: status === undefined ? null : Number(status),
    headers: new Map(
      lines.map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    ),
    body,
    said: Object.fromEntries(
      body.split("\n").flatMap((line) => {
        const equals = line.indexOf("=");
        return equals < 0 ? [] : [[line.slice(0, equals), line.slice(equals + 1)]];
      }),
    ),
  };
};

const servers: (lab: TestLab, node: string) => Promise<Readonly<Record<string, string>>> = async (
  lab,
  node,
) => {
  const text = await lab.output(node, "echo show stat | socat - /run/haproxy/admin.sock");
  const [head = "", ...rows] = text.trim().split("\n");
  const columns = head.replace(/^# /, "").split(",");
  const status = columns.indexOf("status");
  return Object.fromEntries(
    rows.flatMap((row) => {
      const cells = row.split(",");
      const [proxy = "", server = ""] = cells;
      return ["FRONTEND", "BACKEND", ""].includes(server)
        ? []
        : [[`${proxy}/${server}`, cells[status] ?? ""]];
    }),
  );
};

/** What keeps a scenario from being as its playbook left it: servers that are not up, at either load balancer, and more or fewer owners than one. */
const unfit = async (lab: TestLab, holders: Scenario["holders"]): Promise<readonly string[]> => {
  const down = await Promise.all(
    ["lb1", "lb2"].map(async (node) =>
      Object.entries(await servers(lab, node)).flatMap(([name, state]) =>
        state === "UP" || state === "no check" ? [] : [`${node}: ${name} is ${state}`],
      ),
    ),
  );
  const owners = await holders();
  return [...down.flat(), ...(owners.length === 1 ? [] : [`owners: ${owners}`])];
};

/** keepalived takes nothing over before vrrp_startup_delay (5 s) and an election are behind it. */
const SETTLED_SECONDS = 8;

/** The owner of a pair that is fit: both nodes up and past their start. */
const settledOwner = async (lab: TestLab, owner: () => Promise<string>): Promise<string> => {
  const script = `systemctl is-active haproxy keepalived; up=$(cut -d. -f1 /proc/uptime)
    since=$(systemctl show -P ActiveEnterTimestampMonotonic keepalived); [ $((up - since / 1000000)) -ge ${SETTLED_SECONDS} ] && echo settled`;
  for (const node of ["lb1", "lb2"]) {
    await expect
      .poll(async () => (await lab.exec(node, script)).stdout, { timeout: 30_000, interval: 250 })
      .toBe("active\nactive\nsettled\n");
  }
  return owner();
};

const failover = async (
  lab: TestLab,
  owner: string,
  fault: Fault,
  wish: Partial<ProbeSettings>,
): Promise<Outage> => {
  const other = owner === "lb1" ? "lb2" : "lb1";
  const prober = await lab.probe({ everyMs: 10, ...wish });
  const watch = await lab.watchOwner();
  try {
    await pause(300);
    await lab.output(owner, fault.inject);
    await pause(2000);
    const samples = await prober.stop();
    const owned = watch.stop();
    const outage = outageOf(samples);
    console.info(
      `${fault.inject}: ${Math.round(outage.longestGapMs)} ms, ${outage.failed} of ${outage.requests} failed`,
    );
    const served = samples.at(-1);
    expect([served?.error, served?.server ?? other]).toEqual([null, other]);
    const last = owned.changes.at(-1);
    expect(last?.owners).toEqual([other]);
    return outage;
  } finally {
    await lab.output(owner, fault.undo);
  }
};

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const BROWSER = "/usr/bin/chromium";

/** The browser runs on the host, inside the client's network, and speaks to nobody else. */
const browse = async (lab: TestLab, url: string): Promise<Page> => {
  if ((await stat(BROWSER).catch(() => null)) === null) {
    await must(["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "chromium"]);
  }
  const leader = await nodeLeader(lab.site(), "client");
  const directory = await mkdtemp(join(tmpdir(), "lbplay-browser-"));
  const picture = join(directory, "page.png");
  const command = (mode: string): readonly string[] => [
    ...["timeout", "60", "nsenter", "--target", String(leader), "--net", BROWSER],
    ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
    ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
    // One each: a second browser would hand its page over to the first, which is just about to end.
    `--user-data-dir=${join(directory, mode.slice(2, 6))}`,
    mode,
    url,
  ];
  try {
    const { stdout } = await run(command("--dump-dom"));
    await must(command(`--screenshot=${picture}`));
    return { dom: stdout, screenshot: await readFile(picture).catch(() => null) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

/**
 * Rotates a log as the daily timer would, and shows that one definition owns it, and that the next line goes on in the
 * new file. The lines come from the node itself, as HAProxy's do, so that it does not matter who has the virtual IP.
 */
export const rotates = async (lab: TestLab, node: string, file: string, priority: string): Promise<void> => {
  const line = `logger --udp --server 127.0.0.1 --rfc3164 -p ${priority} -t haproxy rotation`;
  const dry = await lab.exec(node, "logrotate -d /etc/logrotate.conf 2>&1");
  expect(dry.stdout).not.toMatch(/duplicate log entry|error:/);
  const [definition = "", ...others] = (
    await lab.output(node, `grep -lE '^(.* )?${file}( |$)' /etc/logrotate.d/*`)
  )
    .trim()
    .split("\n");
  expect(others).toEqual([]);
  // UDP promises nothing, so each look comes after another line.
  const grows = async (): Promise<number> => {
    await lab.output(node, line);
    return size(lab, node, file);
  };
  await expect.poll(grows, { timeout: 30_000, interval: 250 }).toBeGreaterThan(0);
  await lab.output(node, `logrotate -f ${definition}`);
  expect(await size(lab, node, `${file}.1`)).toBeGreaterThan(0);
  await expect.poll(grows, { timeout: 30_000, interval: 250 }).toBeGreaterThan(0);
};

const size = async (lab: TestLab, node: string, file: string): Promise<number> =>
  Number((await lab.exec(node, `stat -c %s ${file} 2>/dev/null || echo 0`)).stdout);
