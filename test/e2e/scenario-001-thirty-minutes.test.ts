import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { must } from "../../src/lab/command.ts";
import { SITE_PACKAGES } from "./lab-fixture.ts";
import { runEvents } from "./lbplay.ts";
import { HAPROXY_STOPS, rotates, withScenario } from "./scenario-fixture.ts";

const { lab, words, converges, ask, holders, owner, servers, failover, browse } = withScenario(
  "001-thirty-minutes",
  { packages: SITE_PACKAGES },
);

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "lbplay-scenario-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Has the client trust a certificate: that of the owner of the virtual IP, or another. */
const trust = async (pem: string): Promise<readonly string[]> => {
  await lab.output("client", `cat > /root/trusted.pem <<'EOF'\n${pem}\nEOF`);
  return ["--cacert", "/root/trusted.pem"];
};
const trustOwner = async (): Promise<readonly string[]> =>
  trust(await lab.output(await owner(), "cat /etc/haproxy/self-signed/site.crt"));

it("converges from bare nodes, stays, and check mode agrees", { timeout: 400_000 }, async () => {
  await converges();
  for (const node of ["lb1", "lb2"]) {
    expect(await lab.output(node, "systemctl is-enabled haproxy keepalived")).toBe("enabled\nenabled\n");
  }
});

describe("a client", () => {
  it("in clear is sent to TLS, with the other port and what it asked for", async () => {
    await owner();
    const answer = await ask(`http://${lab.vip()}:8080/some/page?of=it`);
    expect([answer.status, answer.headers.get("location")]).toEqual([
      301,
      `https://${lab.vip()}:8443/some/page?of=it`,
    ]);
    const named = await ask(`http://${lab.vip()}:8080/`, "-H", "Host: lb.example.com");
    expect(named.headers.get("location")).toBe("https://lb.example.com:8443/");
    const followed = await ask(
      `http://${lab.vip()}:8080/`,
      "-L",
      "-k",
      "-o",
      "/dev/null",
      "-w",
      "%{url_effective}",
    );
    expect(followed.exit).toBe(0);
  });

  it("gets both servers in turn by TLS that ends at the load balancer, whose certificate it can check", async () => {
    const trusted = await trustOwner();
    const answers = [];
    for (let asked = 0; asked < 4; asked += 1)
      answers.push(await ask(`https://${lab.vip()}:8443/`, ...trusted));
    expect(answers.map(({ said }) => said.member).toSorted()).toEqual(["web1", "web1", "web2", "web2"]);
    expect(answers.map(({ said }) => [said.proto, said.certificate])).toEqual(
      Array.from({ length: 4 }, () => ["https", ""]),
    );
    const named = `lb.example.com:8443:${lab.vip()}`;
    expect((await ask("https://lb.example.com:8443/", "--resolve", named, ...trusted)).status).toBe(200);
    expect(
      (await ask("https://other.example.com:8443/", "--resolve", named.replace("lb.", "other."), ...trusted))
        .exit,
    ).toBe(60);
  });

  it("is refused with TLS 1.1, and without trust in the certificate", async () => {
    expect((await ask(`https://${lab.vip()}:8443/`, "-k", "--tls-max", "1.1")).exit).toBe(35);
    expect((await ask(`https://${lab.vip()}:8443/`)).exit).toBe(60);
    expect((await ask(`https://${lab.vip()}:8443/`, "-k", "--tls-max", "1.2")).status).toBe(200);
  });

  it("reaches servers that only speak to the load balancers, by TLS again", async () => {
    const through = await ask(`https://${lab.vip()}:8444/`, ...(await trustOwner()));
    expect(through.said).toMatchObject({ site: "app-tls", certificate: `CN=${await owner()}` });
    const direct = await ask(`https://${lab.address("web1")}:8443/`, "-k");
    expect([direct.status, direct.body]).toEqual([
      400,
      expect.stringContaining("No required SSL certificate"),
    ]);
  });

  it("sees the servers' own certificates where TLS is passed through", async () => {
    const shown: string[] = [];
    for (let asked = 0; asked < 2; asked += 1) {
      const connect = `openssl s_client -connect ${lab.vip()}:9443 </dev/null 2>/dev/null | openssl x509 -noout -subject`;
      shown.push((await lab.output("client", connect)).trim());
    }
    expect(shown.toSorted()).toEqual(["subject=CN = web1", "subject=CN = web2"]);
    expect((await ask(`https://${lab.vip()}:9443/`, "-k")).said.site).toBe("app-own-tls");
  });
});

describe("the statistics page", () => {
  const page = (node: string, user = ""): string => `http://${user}${lab.address(node)}:8090/haproxy/stats`;

  it("is behind its password, names its node and reloads itself", async () => {
    expect((await ask(page("lb1"))).status).toBe(401);
    expect((await ask(page("lb1"), "-u", "haproxy:passw0rd")).status).toBe(401);
    const shown = await ask(page("lb1"), "-u", "haproxy:only-for-trials-4711");
    expect([shown.status, shown.headers.get("refresh")]).toEqual([200, "10"]);
    expect(shown.body).toContain("on lb1");
    expect((await ask(`http://${lab.vip()}:8090/haproxy/stats`)).exit).toBe(7);
  });

  it("is shown by a browser", { timeout: 300_000 }, async () => {
    const { dom, screenshot } = await browse(page("lb2", "haproxy:only-for-trials-4711@"));
    for (const text of ["Statistics Report", "app_through", "srv2"]) expect(dom).toContain(text);
    expect(screenshot?.subarray(1, 4).toString()).toBe("PNG");
    expect(screenshot?.length).toBeGreaterThan(20_000);
    expect((await browse(page("lb2"))).dom).not.toContain("srv2");
  });
});

describe("health checks", () => {
  const state = async (server: string): Promise<string | undefined> => (await servers(await owner()))[server];

  it("take a server out by its check port alone, although it serves", async () => {
    const edit = (from: string, to: string): Promise<string> =>
      lab.output(
        "web1",
        `sed -i 's/listen ${from};/listen ${to};/' /etc/nginx/nginx.conf && systemctl reload nginx`,
      );
    await edit("8081", "18081");
    await expect.poll(() => state("app_through/srv1"), { timeout: 15_000 }).toBe("DOWN");
    expect([await state("app/srv1"), await state("app_tls/srv1")]).toEqual(["UP", "UP"]);
    for (let asked = 0; asked < 3; asked += 1) {
      expect((await ask(`https://${lab.vip()}:9443/`, "-k")).said.member).toBe("web2");
    }
    await edit("18081", "8081");
    await expect.poll(() => state("app_through/srv1"), { timeout: 15_000 }).toBe("UP");
  });

  it("ask by HTTP: a server that answers with an error is out, and the log says why", async () => {
    const edit = (from: number, to: number): Promise<string> =>
      lab.output(
        "web2",
        `sed -i '/location = .healthz/,/}/s/return ${from}/return ${to}/' /etc/nginx/nginx.conf && systemctl reload nginx`,
      );
    await edit(200, 503);
    await expect.poll(() => state("app/srv2"), { timeout: 15_000 }).toBe("DOWN");
    await expect.poll(() => state("app_tls/srv2"), { timeout: 15_000 }).toBe("DOWN");
    expect(await state("app_through/srv2")).toBe("UP");
    expect(
      await lab.output(await owner(), "grep 'Health check for server app/srv2 failed' /var/log/haproxy.log"),
    ).toContain("code: 503");
    await edit(503, 200);
    await expect.poll(() => state("app/srv2"), { timeout: 15_000 }).toBe("UP");
    await expect.poll(() => state("app_tls/srv2"), { timeout: 15_000 }).toBe("UP");
  });
});

it("logs requests into a file that is rotated", async () => {
  const node = await owner();
  await ask(`http://${lab.vip()}:8080/`);
  const requests = "grep -c http-in /var/log/haproxy.log";
  await expect.poll(async () => (await lab.exec(node, requests)).code, { timeout: 10_000 }).toBe(0);
  await rotates(lab, node, "/var/log/haproxy.log", "local2.info");
});

it("goes on at the other load balancer when HAProxy stops", async () => {
  const before = await owner();
  const outage = await failover(HAPROXY_STOPS, { port: 8080 });
  expect(outage.longestGapMs).toBeLessThan(2000);
  expect(await holders()).not.toEqual([before]);
  expect((await ask(`https://${lab.vip()}:8444/`, ...(await trustOwner()))).said.certificate).toBe(
    `CN=${await owner()}`,
  );
});

it("takes a certificate of one's own, whose key has a passphrase, and shows it on both nodes", async () => {
  const file = (name: string): string => join(directory, name);
  const make = `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=authority -keyout ca.key -out ca.crt &&
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -passout pass:open-sesame -subj /CN=lb.example.com -keyout my.key -out my.csr &&
    printf 'subjectAltName=DNS:lb.example.com' > my.ext && openssl x509 -req -in my.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile my.ext -out my.crt`;
  await must(["sh", "-ec", `cd ${directory}; ${make}`]);
  const own = { tls_certificate: file("my.crt"), tls_key: file("my.key"), tls_passphrase: "open-sesame" };
  const run = await runEvents(words("-e", JSON.stringify(own)));
  expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: "" });
  const trusted = await trust(await must(["cat", file("ca.crt")]));
  const asked = await ask(
    "https://lb.example.com:8443/",
    "--resolve",
    `lb.example.com:8443:${lab.vip()}`,
    ...trusted,
  );
  expect(asked.status).toBe(200);
  for (const node of ["lb1", "lb2"]) {
    expect(
      await lab.output(
        node,
        "stat -c '%U %a' /etc/haproxy/certs/site.pem; grep -c ENCRYPTED /etc/haproxy/certs/site.pem || true",
      ),
    ).toBe("root 600\n0\n");
  }
});
