import { describe, expect, it } from "vitest";
import { SITE_PACKAGES } from "./lab-fixture.ts";
import { runEvents } from "./lbplay.ts";
import { KEEPALIVED_STOPS, withScenario } from "./scenario-fixture.ts";

const { lab, words, converges, ask, holders, owner, servers, failover } = withScenario("003-retries", {
  nodes: ["lb1", "lb2", "web1", "web2", "web3", "client"],
  packages: SITE_PACKAGES,
});

/**
 * Answers to some requests by TLS: each status, or the member where all is well. By HTTP/1.1, where a client gets what
 * HAProxy makes of it; curl repeats a request of HTTP/2 by itself when it is told that the stream was refused.
 */
const outcomes = async (method: string, path: string, times: number): Promise<readonly string[]> => {
  const words = ["curl", "--http1.1", "-ks", "--max-time", "10", "-X", method, "-w", "'%{http_code}\\n'"];
  const script = `for i in $(seq ${times}); do ${words.join(" ")} https://${lab.vip()}${path} | grep -E '^member=|^[0-9]{3}$' | tr '\\n' ' '; echo; done`;
  return (await lab.output("client", script))
    .trim()
    .split("\n")
    .map((line) => /^member=(\w+) 200/.exec(line)?.[1] ?? line.trim());
};

const counted = (all: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...new Set(all)].toSorted().map((one) => [one, all.filter((other) => other === one).length]),
  );

/** Makes one member answer as nginx's directive says, by the playbook; none if left out. */
const breakMember = async (directive?: string): Promise<void> => {
  const broken = directive === undefined ? {} : { web1: directive };
  const run = await runEvents(words("--limit", "web1", "-e", JSON.stringify({ broken })));
  expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: "" });
  // After a reload the workers of before still take a connection or two.
  await lab.output("web1", "systemctl reset-failed nginx; systemctl restart nginx");
};

it("converges from bare nodes, stays, and check mode agrees", { timeout: 400_000 }, async () => {
  await converges();
});

describe("a client", () => {
  it("is sent from port 80 to TLS, and gets the members in turn", async () => {
    await owner();
    const answer = await ask(`http://${lab.vip()}/page?of=it`);
    expect([answer.status, answer.headers.get("location")]).toEqual([301, `https://${lab.vip()}/page?of=it`]);
    expect(counted(await outcomes("GET", "/", 9))).toEqual({ web1: 3, web2: 3, web3: 3 });
  });

  it("is shown the certificate of the name, by TLS 1.2 or newer alone", async () => {
    const connect = `openssl s_client -connect ${lab.vip()}:443 -servername www.example.com`;
    const subject = await lab.output(
      "client",
      `${connect} </dev/null 2>/dev/null | openssl x509 -noout -subject -ext subjectAltName`,
    );
    expect(subject).toContain("CN = www.example.com");
    expect(subject).toContain(`IP Address:${lab.vip()}`);
    expect((await lab.exec("client", `${connect} -tls1_1 </dev/null`)).code).not.toBe(0);
    for (const node of ["lb1", "lb2"]) {
      expect(await lab.output(node, "stat -c '%U %a' /etc/haproxy/certs /etc/haproxy/certs/site.pem")).toBe(
        "root 700\nroot 600\n",
      );
    }
  });
});

describe.each([
  { title: "answers 500", directive: "return 500", status: "500" },
  { title: "closes its connections without an answer", directive: "return 444", status: "502" },
])("a member that $title", ({ directive, status }) => {
  it("is noticed by nobody who reads", async () => {
    await breakMember(directive);
    const node = await owner();
    // A check that came while nginx was restarted leaves it at "UP 1/2" until the next one.
    await expect
      .poll(async () => (await servers(node))["web_servers/server1"], { timeout: 20_000 })
      .toBe("UP");
    const seen = counted(await outcomes("GET", "/", 15));
    expect(Object.keys(seen)).toEqual(["web2", "web3"]);
    expect(
      await lab.output(node, "grep -cE 'web_servers/server[23] .*/\\+[1-3] ' /var/log/haproxy.log"),
    ).not.toBe("0\n");
  });

  it("is not asked twice to change something, unless the application bears it", async () => {
    const post = counted(await outcomes("POST", "/", 9));
    expect(post).toEqual({ [status]: 3, web2: 3, web3: 3 });
    expect(Object.keys(counted(await outcomes("POST", "/everything", 9)))).toEqual(["web2", "web3"]);
  });

  it("shows where only connections are retried", async () => {
    expect(Object.keys(counted(await outcomes("GET", "/connections", 9)))).toEqual([status, "web2", "web3"]);
    await breakMember();
  });
});

it("reads on when a member resets its connections", async () => {
  await breakMember("reset_timedout_connection on; return 444");
  expect(Object.keys(counted(await outcomes("GET", "/", 9)))).toEqual(["web2", "web3"]);
  await breakMember();
});

it("loses no request, of whatever method, when a member refuses connections, and serves by the last of three", async () => {
  await lab.output("web1", "systemctl stop nginx");
  for (const [method, path] of [
    ["GET", "/"],
    ["POST", "/"],
    ["POST", "/connections"],
  ] as const) {
    expect(Object.keys(counted(await outcomes(method, path, 6)))).toEqual(["web2", "web3"]);
  }
  await lab.output("web2", "systemctl stop nginx");
  expect(counted(await outcomes("GET", "/", 6))).toEqual({ web3: 6 });
  await lab.output("web1", "systemctl start nginx");
  await lab.output("web2", "systemctl start nginx");
});

it("goes on at the other load balancer when keepalived stops, and comes back to the first", async () => {
  await expect.poll(() => holders(), { timeout: 20_000 }).toEqual(["lb1"]);
  const outage = await failover(KEEPALIVED_STOPS, { port: 80 });
  expect(outage.longestGapMs).toBeLessThan(2000);
  await expect.poll(() => holders(), { timeout: 20_000 }).toEqual(["lb1"]);
});
