import { describe, expect, it } from "vitest";
import { withLab } from "./lab-fixture.ts";
import { rolePlays } from "./role-run.ts";

const lab = withLab({ name: "roles-apache", nodes: ["web1", "client"] });
const plays = rolePlays(lab);

const play = (vars: Readonly<Record<string, unknown>>, before = "[]"): string => `
- hosts: web
  become: true
  vars: ${JSON.stringify(vars)}
  pre_tasks: ${before}
  roles: [apache]
`;

const ask = (path: string, options = ""): Promise<string> =>
  lab.output(
    "client",
    `curl -sS --max-time 5 ${options} ${path.replace(/^(https?):\/\/web1/, `$1://${lab.address("web1")}`)}`,
  );

const status = (path: string, options = ""): Promise<string> =>
  ask(path, `-o /dev/null -w '%{http_code}' ${options}`);

const SITES = {
  apache_sites: [
    { name: "def", port: 80 },
    { name: "ms1", port: 8081, pages: { "ms1/deep/demo.html": "ms1 on {{ inventory_hostname }}\n" } },
    {
      name: "secure",
      port: 443,
      tls: { certificate: "/etc/ssl/site.crt", key: "/etc/ssl/private/site.key" },
    },
  ],
  apache_session_cookie: "JSESSIONID",
  apache_trusted_proxies: ["{{ hostvars['client']['ansible_host'] }}"],
};

const CERTIFICATE = `
    - name: Have a certificate
      self_signed_certificate: { cert_path: /etc/ssl/site.crt, key_path: /etc/ssl/private/site.key, common_name: web1 }
`;

describe("a site by Apache", () => {
  it("converges from a bare node, says which node it is and answers health checks", async () => {
    const changed = await plays.converge(play({}));
    expect(changed).toContain("web1: apache : Install Apache (Debian)");
    expect(await ask("http://web1/")).toContain("served by web1");
    expect(await status("http://web1/check.txt", "--head")).toBe("200");
    expect(await ask("http://web1/", "-D - -o /dev/null")).not.toMatch(/set-cookie/i);
  });

  it("leaves the rotation and goes on serving", async () => {
    expect(await plays.converge(play({ apache_in_rotation: false }))).toEqual([
      "web1: apache : Take no part in the balancing",
    ]);
    expect(await status("http://web1/check.txt", "--head")).toBe("404");
    expect(await status("http://web1/")).toBe("200");
    expect(await plays.converge(play({}))).toEqual(["web1: apache : Take part in the balancing"]);
  });

  it("has further sites and pages, TLS, session cookies, and the client behind a balancer in its log", async () => {
    await plays.converge(play(SITES, CERTIFICATE));
    expect(await ask("http://web1:8081/ms1/deep/demo.html")).toBe("ms1 on web1\n");
    expect(await ask("https://web1/", "-k")).toContain("secure served by web1");
    expect((await lab.exec("client", `curl -k --tls-max 1.1 https://${lab.address("web1")}/`)).code).not.toBe(
      0,
    );
    expect(await ask("http://web1/", "-D - -o /dev/null")).toMatch(
      /^set-cookie: JSESSIONID=\S+; Path=\/; HttpOnly\r$/im,
    );
    const known = await ask("http://web1/", "-D - -o /dev/null -b 'a=1; JSESSIONID=x'");
    expect(known).not.toMatch(/set-cookie/i);
    await ask(
      "http://web1/logged",
      "-o /dev/null -H 'X-Forwarded-For: 203.0.113.7' -H 'X-Forwarded-Proto: https'",
    );
    expect(await lab.output("web1", "grep /logged /var/log/apache2/def.log")).toMatch(
      /^203\.0\.113\.7 .* 404 \d+ proto=https /,
    );
  });
});
