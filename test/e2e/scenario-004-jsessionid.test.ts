import { describe, expect, it } from "vitest";
import { SITE_PACKAGES } from "./lab-fixture.ts";
import { runEvents } from "./lbplay.ts";
import type { Answer } from "./scenario-fixture.ts";
import { HAPROXY_STOPS, rotates, withScenario } from "./scenario-fixture.ts";

const { lab, words, converges, ask, owner, servers, failover } = withScenario("004-jsessionid", {
  packages: SITE_PACKAGES,
});

const get = (path: string, ...options: readonly string[]): Promise<Answer> =>
  ask(`https://${lab.vip()}${path}`, "--insecure", ...options);

/** The cookie that an answer sets. */
const cookieOf = (answer: Answer): string => (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";

it("converges from bare nodes, stays, and check mode agrees", { timeout: 400_000 }, async () => {
  await converges();
});

describe("a session", () => {
  it("begins at either server, whose letter stands before the application's own value", async () => {
    await owner();
    const begun = [await get("/login"), await get("/login")];
    const letters = begun.map(({ said }) => (said.member === "web1" ? "A" : "B"));
    expect(letters.toSorted()).toEqual(["A", "B"]);
    expect(begun.map(cookieOf)).toEqual(
      begun.map(({ said }, index) => `JSESSIONID=${letters[index]}~${said.session}`),
    );
  });

  it("stays at its server, which sees the value as it gave it", async () => {
    const begun = await get("/login");
    for (let asked = 0; asked < 5; asked += 1) {
      const next = await get("/", "-H", `Cookie: ${cookieOf(begun)}`);
      expect(next.said).toMatchObject({
        member: begun.said.member,
        cookie: `JSESSIONID=${begun.said.session}`,
      });
    }
  });

  it("moves to the other server when its own is gone, with a new letter", async () => {
    const node = await owner();
    await lab.output("web1", "systemctl stop nginx");
    try {
      const moved = await get("/login", "-H", "Cookie: JSESSIONID=A~0123456789");
      expect(moved.said.member).toBe("web2");
      expect(cookieOf(moved)).toBe(`JSESSIONID=B~${moved.said.session}`);
      const state = async (): Promise<string | undefined> => (await servers(node))["webfarm_servers/webA"];
      await expect.poll(state, { timeout: 10_000 }).toBe("DOWN");
    } finally {
      await lab.output("web1", "systemctl start nginx");
    }
    const back = async (): Promise<string | undefined> =>
      (await get("/", "-H", "Cookie: JSESSIONID=A~0123456789")).said.member;
    await expect.poll(back, { timeout: 15_000 }).toBe("web1");
  });
});

describe("a request in clear", () => {
  it("is sent to TLS, also when it claims to have come by it", async () => {
    for (const claim of [[], ["-H", "X-Forwarded-Proto: https"], ["-H", "x-forwarded-proto: HTTPS"]]) {
      const answer = await ask(`http://${lab.vip()}/login?from=here`, ...claim);
      expect([answer.status, answer.headers.get("location")]).toEqual([
        301,
        `https://${lab.vip()}/login?from=here`,
      ]);
    }
  });

  it("cannot deceive the servers about its origin by TLS either", async () => {
    const answer = await get("/", "-H", "X-Forwarded-Proto: http", "-H", "X-Forwarded-For: 203.0.113.9");
    expect(answer.said).toMatchObject({ proto: "https", for: lab.address("client") });
  });
});

it("says that there is no Pound here, and goes on serving without it", async () => {
  const run = await runEvents(words("-e", "tls_front=pound"));
  expect(run.code).toBe(1);
  expect(run.stdout).toContain("has no package of Pound");
  expect((await get("/")).status).toBe(200);
  expect((await runEvents(words())).code).toBe(0);
});

it("takes a server out whose check file is gone", async () => {
  const node = await owner();
  const edit = (from: number, to: number): Promise<string> =>
    lab.output(
      "web2",
      `sed -i '/check.txt/,/}/s/return ${from}/return ${to}/' /etc/nginx/nginx.conf && systemctl reload nginx`,
    );
  const state = async (): Promise<string | undefined> => (await servers(node))["webfarm_servers/webB"];
  await edit(200, 404);
  await expect.poll(state, { timeout: 10_000 }).toBe("DOWN");
  expect((await get("/")).said.member).toBe("web1");
  await edit(404, 200);
  await expect.poll(state, { timeout: 10_000 }).toBe("UP");
});

it("logs by syslog-ng into one file, which is rotated", async () => {
  const node = await owner();
  const find = async (): Promise<string> => {
    await get("/a-line-in-the-log");
    return lab.output(node, "grep -l a-line-in-the-log /var/log/* 2>/dev/null || true");
  };
  await expect.poll(find, { interval: 500 }).toBe("/var/log/haproxy.log\n");
  expect(await lab.output(node, "ss -Hlunp sport = :514")).toMatch(/127\.0\.0\.1:514 .*syslog-ng/);
  await rotates(lab, node, "/var/log/haproxy.log", "local0.info");
});

it("keeps the statistics to operators", async () => {
  const page = `http://${lab.address("lb2")}:8090/stats`;
  expect((await ask(page)).status).toBe(401);
  expect((await ask(page, "-u", "operator:only-for-trials-4711")).body).toContain("webfarm_servers");
});

it("goes on at the other load balancer, where sessions are known by their letter", async () => {
  const begun = await get("/login");
  const outage = await failover(HAPROXY_STOPS);
  expect(outage.longestGapMs).toBeLessThan(2000);
  const next = await get("/", "-H", `Cookie: ${cookieOf(begun)}`);
  expect(next.said.member).toBe(begun.said.member);
});
