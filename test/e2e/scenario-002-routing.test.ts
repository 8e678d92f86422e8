import { describe, expect, it } from "vitest";
import { SITE_PACKAGES } from "./lab-fixture.ts";
import { HAPROXY_STOPS, rotates, withScenario } from "./scenario-fixture.ts";

const { lab, converges, ask, owner, mended, failover, browse } = withScenario("002-routing", {
  packages: SITE_PACKAGES,
});

const url = (path: string, port = 9001): string => `http://${lab.vip()}:${port}${path}`;

/** The members that answer some requests, without repetition. */
const members = async (times: number, path: string, port: number, ...options: readonly string[]) => {
  const seen = new Set<string>();
  for (let asked = 0; asked < times; asked += 1)
    seen.add((await ask(url(path, port), ...options)).said.member ?? "none");
  return [...seen].toSorted();
};

it("converges from bare nodes, stays, and check mode agrees", { timeout: 400_000 }, async () => {
  await converges();
});

describe("layer 7", () => {
  it("sends each path to its application, whatever its case", async () => {
    await owner();
    const sites: (string | undefined)[] = [];
    for (const path of ["/ms1/demo.html", "/MS2/demo.html", "/demo.html", "/ms1"]) {
      sites.push((await ask(url(path))).said.site);
    }
    expect(sites).toEqual(["ms1", "ms2", "def", "def"]);
  });

  it("takes servers in turn without a cookie, and keeps to one with it, which the server does not see", async () => {
    expect(await members(4, "/ms1/", 9001)).toEqual(["web1", "web2"]);
    const first = await ask(url("/ms1/"));
    const cookie = first.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^HA_STICKY_ms1=ms1\.srv[12]; path=\/; HttpOnly$/);
    const [pair = ""] = cookie.split(";");
    const again = ["-H", `Cookie: mine=1; ${pair}`];
    expect(await members(6, "/ms1/", 9001, ...again)).toEqual([first.said.member]);
    const kept = await ask(url("/ms1/"), ...again);
    expect([kept.said.cookie, kept.headers.get("set-cookie")]).toEqual(["mine=1", undefined]);
  });

  it("gives a client whose server is gone another one, and another cookie", async () => {
    await lab.output("web1", "systemctl stop nginx");
    try {
      const moved = await ask(url("/ms2/"), "-H", "Cookie: HA_STICKY_ms2=ms2.srv1");
      expect(moved.said.member).toBe("web2");
      expect(moved.headers.get("set-cookie")).toMatch(/^HA_STICKY_ms2=ms2\.srv2;/);
    } finally {
      await lab.output("web1", "systemctl start nginx");
    }
  });

  it("holds back what is more than 300 connections to one server", async () => {
    const text = await lab.output(await owner(), "echo show stat json | socat - /run/haproxy/admin.sock");
    const rows = JSON.parse(text) as readonly (readonly {
      readonly field: { readonly name: string };
      readonly value: { readonly value: string | number };
    }[])[];
    const limits = rows
      .map((row) => Object.fromEntries(row.map((cell) => [cell.field.name, cell.value.value])))
      .filter(({ svname }) => /srv/.test(String(svname)))
      .map(({ slim }) => slim);
    expect(limits).toEqual(Array.from({ length: 10 }, () => 300));
  });
});

describe("layer 4", () => {
  it("keeps each client address at one server, by computing it or by remembering it", async () => {
    const sources = Array.from({ length: 8 }, (_, index) => lab.vip().replace(/\d+$/, String(150 + index)));
    const add = sources.map((source) => `ip address replace ${source}/24 dev host0`).join("; ");
    await lab.output("client", add);
    for (const port of [9002, 9003]) {
      const chosen: string[] = [];
      for (const source of sources) {
        const seen = await members(3, "/", port, "--interface", source);
        expect(seen).toHaveLength(1);
        chosen.push(...seen);
      }
      expect(new Set(chosen)).toEqual(new Set(["web1", "web2"]));
    }
  });

  it("remembers on both nodes", async () => {
    const table = "echo show table tcp-table | socat - /run/haproxy/admin.sock | grep -c key=";
    const counts = (): Promise<readonly string[]> =>
      Promise.all(["lb1", "lb2"].map(async (node) => (await lab.exec(node, table)).stdout.trim()));
    await expect.poll(counts, { timeout: 10_000 }).toEqual(["8", "8"]);
  });
});

describe("the statistics page", () => {
  const page = (node: string, user = ""): string => `http://${user}${lab.address(node)}:1080/stats`;

  it("is behind a password that is not the one of the walkthrough", async () => {
    expect((await ask(page("lb1"))).status).toBe(401);
    expect((await ask(page("lb1"), "-u", "admin:admin")).status).toBe(401);
    const shown = await ask(page("lb1"), "-u", "admin:only-for-trials-4711");
    expect([shown.status, shown.headers.get("refresh")]).toEqual([200, "30"]);
  });

  it("shows a browser the servers of each application", { timeout: 300_000 }, async () => {
    const { dom, screenshot } = await browse(page("lb1", "admin:only-for-trials-4711@"));
    for (const text of ["ms1.srv1", "ms2.srv2", "def.srv1", "tcp-table"]) expect(dom).toContain(text);
    expect(screenshot?.subarray(1, 4).toString()).toBe("PNG");
  });
});

describe("the logs", () => {
  /** HAProxy says its worst on standard error too, which is the journal's business. */
  const holding = (node: string, text: string): Promise<string> =>
    lab.output(node, `grep -l '${text}' /var/log/haproxy*.log || true`);

  it("tell requests in one file, and trouble in both", async () => {
    const node = await owner();
    const find = async (): Promise<string> => {
      await ask(url("/a-line-in-the-log"));
      return holding(node, "a-line-in-the-log");
    };
    await expect.poll(find, { interval: 500 }).toBe("/var/log/haproxy.log\n");
    await lab.output("web2", "systemctl stop nginx");
    try {
      await expect
        .poll(() => holding(node, "Server ms1/ms1.srv2 is DOWN"), { timeout: 10_000 })
        .toBe("/var/log/haproxy.log\n/var/log/haproxy_warn.log\n");
    } finally {
      await lab.output("web2", "systemctl start nginx");
    }
  });

  it("are rotated, each by one definition", async () => {
    const node = await owner();
    await rotates(lab, node, "/var/log/haproxy.log", "local0.info");
    await rotates(lab, node, "/var/log/haproxy_warn.log", "local1.warning");
  });
});

it("keeps clients at their servers when the load balancer changes", async () => {
  const source = ["--interface", lab.vip().replace(/\d+$/, "151")];
  const [remembered = ""] = await members(2, "/", 9003, ...source);
  const [computed = ""] = await members(2, "/", 9002, ...source);
  const outage = await failover(HAPROXY_STOPS, { port: 9001 });
  expect(outage.longestGapMs).toBeLessThan(2000);
  // Where a client is sent is computed from the servers that are up, as each node sees it.
  await mended();
  expect(await members(3, "/", 9003, ...source)).toEqual([remembered]);
  expect(await members(3, "/", 9002, ...source)).toEqual([computed]);
  expect(await members(3, "/ms1/", 9001, "-H", "Cookie: HA_STICKY_ms1=ms1.srv2")).toEqual(["web2"]);
});
