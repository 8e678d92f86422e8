import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gatewayAddress } from "../../src/lab/names.ts";
import { SITE_PACKAGES } from "./lab-fixture.ts";
import { runEvents } from "./lbplay.ts";
import { type MailSink, startMailSink } from "./mail-sink.ts";
import { HAPROXY_STOPS, rotates, withScenario } from "./scenario-fixture.ts";

const { lab, words, converges, ask, holders, owner, servers, failover } = withScenario(
  "000-internal-external",
  { packages: [...SITE_PACKAGES, "netbase", "nftables", "python3-firewall"] },
);

let sink: MailSink | null = null;
const mails = (): string => sink?.mails().join("\n") ?? "";
/** Mail goes to this test, by way of the nodes' gateway. */
const mailed = (): readonly string[] => [
  "-e",
  JSON.stringify({ site_smtp_server: `${gatewayAddress(lab.site().record.id)} ${sink?.port}` }),
];

beforeAll(async () => {
  sink = await startMailSink(gatewayAddress(lab.site().record.id));
});
afterAll(async () => sink?.close());

const internal = (): string => lab.vip().replace(/\.\d+$/, ".101");

it("converges from bare nodes, stays, and check mode agrees", { timeout: 400_000 }, async () => {
  await converges(...mailed());
});

it("writes the process id where init scripts and monitors look for it", async () => {
  for (const node of ["lb1", "lb2"]) {
    const main = await lab.output(node, "systemctl show -P MainPID haproxy");
    expect(await lab.output(node, "cat /run/haproxy.pid")).toBe(main);
  }
});

describe("clients", () => {
  it("get both servers' pages in turn on port 80, from outside and inside", async () => {
    await owner();
    for (const address of [lab.vip(), internal()]) {
      const members: string[] = [];
      for (let asked = 0; asked < 4; asked += 1) {
        members.push((await ask(`http://${address}/`)).said.member ?? "none");
      }
      expect(members.toSorted()).toEqual(["web1", "web1", "web2", "web2"]);
      expect(members[0]).not.toBe(members[1]);
    }
  });

  it("are shown the servers' own certificates on port 443, in turn", async () => {
    const fingerprint = "openssl x509 -noout -fingerprint -sha256";
    const own = await Promise.all(
      ["web1", "web2"].map((node) => lab.output(node, `${fingerprint} -in /etc/nginx/member/site.crt`)),
    );
    const shown: string[] = [];
    for (let asked = 0; asked < 2; asked += 1) {
      const connect = `openssl s_client -connect ${lab.vip()}:443 </dev/null 2>/dev/null | ${fingerprint}`;
      shown.push(await lab.output("client", connect));
    }
    expect(shown.toSorted()).toEqual(own.toSorted());
    const page = await ask(`https://${internal()}/`, "--insecure");
    expect(page.said.site).toBe("wwws");
  });

  it("cannot lie about who they are, and servers learn it", async () => {
    const page = await ask(
      `http://${lab.vip()}/`,
      ...["-H", "X-Forwarded-For: 203.0.113.9", "-H", "X-Forwarded-Proto: https"],
    );
    expect(page.said).toMatchObject({ for: lab.address("client"), proto: "http" });
  });
});

describe("the log", () => {
  it("has a file of its own, which no other file repeats and which is rotated", async () => {
    const node = await owner();
    const find = async (): Promise<string> => {
      await ask(`http://${lab.vip()}/a-line-in-the-log`);
      return lab.output(node, "grep -l a-line-in-the-log /var/log/* 2>/dev/null || true");
    };
    await expect.poll(find, { interval: 500 }).toBe("/var/log/haproxy.log\n");
    expect(await lab.output(node, "ss -Hlun sport = :514 | awk '{print $4}'")).toBe("127.0.0.1:514\n");
    await rotates(lab, node, "/var/log/haproxy.log", "local2.info");
  });
});

describe("the firewall", () => {
  it("has the same rules running as for the next start, on the nodes' interface, with VRRP first", async () => {
    for (const node of ["lb1", "lb2"]) {
      const list = "firewall-cmd --zone=internal --list-all";
      const permanent = await lab.output(
        node,
        `firewall-cmd --permanent --zone=internal --list-all | grep -E 'interfaces|services|ports:|rule '`,
      );
      expect(await lab.output(node, `${list} | grep -E 'interfaces|services|ports:|rule '`)).toBe(permanent);
      expect(permanent).toContain("interfaces: host0");
      expect(permanent).toMatch(/services: .*http https/);
      expect(permanent).toContain('rule protocol value="vrrp" accept');
      expect(await lab.output(node, "ip maddr show dev host0")).toContain("224.0.0.18");
    }
    expect(await holders()).toHaveLength(1);
  });

  it("lets nobody reach another port", async () => {
    await lab.output("lb1", "systemd-run -q socat TCP-LISTEN:9999,fork,reuseaddr EXEC:/bin/true");
    await expect.poll(async () => (await lab.exec("lb1", "socat -u TCP:127.0.0.1:9999 -")).code).toBe(0);
    expect((await ask(`http://${lab.address("lb1")}:9999/`)).exit).toBe(7);
  });
});

describe("when something fails", () => {
  it("a web server that stops is left out, and comes back", async () => {
    const node = await owner();
    await lab.output("web1", "systemctl stop nginx");
    const ofWeb1 = async (): Promise<readonly (string | undefined)[]> => {
      const states = await servers(node);
      return [states["http_server/www01"], states["backend_server/wwws01"]];
    };
    for (let asked = 0; asked < 4; asked += 1) {
      expect((await ask(`http://${lab.vip()}/`)).said.member).toBe("web2");
    }
    await expect.poll(ofWeb1, { timeout: 15_000 }).toEqual(["DOWN", "DOWN"]);
    expect((await ask(`https://${lab.vip()}/`, "--insecure")).said.member).toBe("web2");
    await lab.output("web1", "systemctl start nginx");
    await expect.poll(ofWeb1, { timeout: 15_000 }).toEqual(["UP", "UP"]);
  });

  it("a web server with a certificate that nobody vouches for gets no TLS, until the next run", async () => {
    const node = await owner();
    const forge = `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj /CN=web1 -addext subjectAltName=DNS:web1 \
      -keyout /etc/nginx/member/site.key -out /etc/nginx/member/site.crt 2>/dev/null && systemctl reload nginx`;
    await lab.output("web1", forge);
    const state = async (): Promise<string | undefined> => (await servers(node))["backend_server/wwws01"];
    await expect.poll(state, { timeout: 15_000 }).toBe("DOWN");
    expect((await servers(node))["http_server/www01"]).toBe("UP");
    expect((await runEvents(words(...mailed()))).code).toBe(0);
    await expect.poll(state, { timeout: 15_000 }).toBe("UP");
  });

  it("both addresses go to the other load balancer, and mail says so", async () => {
    const before = await owner();
    const outage = await failover(HAPROXY_STOPS);
    expect(outage.longestGapMs).toBeLessThan(2000);
    expect(await holders(internal())).toEqual(await holders());
    expect(await holders()).not.toEqual([before]);
    await expect.poll(mails, { timeout: 15_000 }).toMatch(/Subject: .*(MASTER|master)/);
    expect(mails()).toMatch(/To: operations@example\.com/);
  });
});
