import { expect, test } from "vitest";
import {
  aptConfiguration,
  hostSettings,
  hostSources,
  mainMirror,
  secureHosts,
  sourcesList,
} from "../../../src/lab/apt-sources.ts";

const DEBIAN = [
  { uri: "http://deb.debian.org/debian", suites: ["bookworm", "bookworm-updates"] },
  { uri: "http://deb.debian.org/debian-security", suites: ["bookworm-security"] },
];

test("A Debian host's own archives are used, from stanzas with comments and continued lines", () => {
  const files = new Map([
    [
      "/etc/apt/sources.list.d/debian.sources",
      `Types: deb deb-src
# a snapshot
URIs: http://mirror.example/debian/
Suites: bookworm
 bookworm-updates bookworm-backports
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: https://mirror.example/debian-security
Suites: bookworm-security
Components: main

Types: deb
Enabled: no
URIs: http://old.example/debian
Suites: bookworm
Components: main
`,
    ],
  ]);
  expect(hostSources(files)).toEqual([
    { uri: "http://mirror.example/debian", suites: ["bookworm", "bookworm-updates"] },
    { uri: "https://mirror.example/debian-security", suites: ["bookworm-security"] },
  ]);
});

test("One-line sources are read, with options, without those of others and of other releases", () => {
  const text = `# deb http://commented.example/debian bookworm main
deb http://security.example/debian-security bookworm-security main
deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main contrib
deb https://download.docker.com/linux/ubuntu bookworm stable
deb http://mirror.example/debian trixie main
deb-src http://mirror.example/debian bookworm main
deb cdrom:[Debian]/ bookworm main
`;
  expect(hostSources(new Map([["/etc/apt/sources.list", text]]))).toEqual([
    { uri: "http://mirror.example/debian", suites: ["bookworm"] },
    { uri: "http://security.example/debian-security", suites: ["bookworm-security"] },
  ]);
});

test("An Ubuntu host, and one without sources, gets Debian's own archive", () => {
  const ubuntu = "deb http://archive.ubuntu.com/ubuntu noble main\n";
  expect(hostSources(new Map([["/etc/apt/sources.list", ubuntu]]))).toEqual(DEBIAN);
  expect(hostSources(new Map())).toEqual(DEBIAN);
});

test("Nodes ask by http; the proxy asks by https where the host does", () => {
  const sources = [{ uri: "https://mirror.example:8443/debian", suites: ["bookworm"] }, ...DEBIAN.slice(1)];
  const setup = { sources, settings: [] };
  expect(mainMirror(setup)).toBe("http://mirror.example:8443/debian");
  expect(secureHosts(sources)).toEqual(["mirror.example:8443"]);
  expect(sourcesList(setup)).toBe(
    "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.example:8443/debian bookworm main\n" +
      "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian-security bookworm-security main\n",
  );
});

test("Only settings about an archive's age are taken over from the host", () => {
  const settings = hostSettings(
    'Acquire::http::Proxy "http://proxy.example";\nAcquire::Check-Valid-Until "false";\nAPT::Install-Recommends "0";\nAcquire::Check-Date "false";\n',
  );
  expect(settings).toEqual(['Acquire::Check-Valid-Until "false";', 'Acquire::Check-Date "false";']);
  expect(
    aptConfiguration({ sources: [], settings }).startsWith('Acquire::Check-Valid-Until "false";\n'),
  ).toBe(true);
});
