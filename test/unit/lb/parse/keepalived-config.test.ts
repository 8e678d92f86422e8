import { describe, expect, test } from "vitest";
import { parseKeepalived } from "../../../../src/lb/keepalived/parse.ts";
import { keepalivedConfig } from "../../../../src/lb/keepalived/read-config.ts";
import { blockWords, findStatement, settingOf } from "../../../../src/lb/keepalived/statements.ts";
import type { KeepalivedStatement } from "../../../../src/lb/keepalived/syntax.ts";

const parsed = (text: string) => parseKeepalived({ path: "keepalived.conf", text });

const read = (text: string, configId: string | null = null) =>
  keepalivedConfig([{ path: "keepalived.conf", text }], configId);

/** Statements as nested lists, short to write and to compare. */
type Shown = readonly (string | readonly [string, Shown])[];

const shown = (statements: readonly KeepalivedStatement[]): Shown =>
  statements.map(({ words, block, condition }) => {
    const line = [...(condition === null ? [] : [condition]), ...words].map(({ text }) => text).join("|");
    return block === null ? line : ([line, shown(block)] as const);
  });

const problemsOf = (text: string) =>
  parsed(text).problems.map(({ at, message }) => `${at.line}:${at.column} ${message}`);

describe("blocks", () => {
  test("begin on the line of their keyword or on the next, and may be one line", () => {
    const text = `
vrrp_instance VI_1 { ! the first
    virtual_ipaddress { 192.0.2.1 dev eth0 }
    track_script
    {
        chk # weight 2
    }
    authentication{auth_type PASS}
} vrrp_sync_group G {
    group { VI_1
      VI_2 }
}
`;
    const { statements, problems } = parsed(text);
    expect(shown(statements)).toEqual([
      [
        "vrrp_instance|VI_1",
        [
          ["virtual_ipaddress", ["192.0.2.1|dev|eth0"]],
          ["track_script", ["chk"]],
          ["authentication", ["auth_type|PASS"]],
        ],
      ],
      ["vrrp_sync_group|G", [["group", ["VI_1", "VI_2"]]]],
    ]);
    expect(problems).toEqual([]);
  });

  test("that do not match are problems", () => {
    expect(problemsOf("vrrp_instance VI_1 {\n  priority 100\n")).toEqual(["1:20 this brace is not closed"]);
    expect(problemsOf("a {\n}\n  }\n")).toEqual(["3:3 this brace closes nothing"]);
    expect(problemsOf("{\n}\n")).toEqual(["1:1 there is no keyword before this brace"]);
    expect(problemsOf("a {\n} {\n}\n")).toEqual(["2:3 there is no keyword before this brace"]);
    expect(problemsOf(`${"a {\n".repeat(101)}${"}\n".repeat(101)}`)).toEqual([
      "101:3 blocks are nested more than 100 deep",
    ]);
  });
});

describe("words", () => {
  test.each([
    ["router_id lb1 # comment", ["router_id", "lb1"]],
    ["router_id lb!1", ["router_id", "lb"]],
    ["router_id lb\\#1", ["router_id", "lb#1"]],
    ['router_id "lb # 1"', ["router_id", "lb # 1"]],
    ['router_id a"b c"d', ["router_id", "a", "b c", "d"]],
    ["router_id 'a b'", ["router_id", "'a", "b'"]],
    ["notify 'a b'\"c d\"e", ["notify", "a bc de"]],
    ["script \"/bin/check 'a b'\"", ["script", "/bin/check 'a b'"]],
    ["script /bin/check\\ it", ["script", "/bin/check\\ it"]],
    ["unicast_src_ip ${ADDRESS}", ["unicast_src_ip", "${ADDRESS}"]],
    ["\tpriority\t\t100\r", ["priority", "100"]],
  ])("%s", (line, words) => {
    const { statements, problems } = parsed(`${line}\n`);
    expect(statements.map((statement) => statement.words.map(({ text }) => text))).toEqual([words]);
    expect(problems).toEqual([]);
  });

  test("have their place and keep how they are written", () => {
    const [statement] = parsed('\n  auth_pass "a b" ! x\n').statements;
    expect(statement?.words[1]).toMatchObject({
      text: "a b",
      raw: '"a b"',
      at: { line: 2, column: 13, length: 5 },
    });
  });

  test("comments are kept", () => {
    expect(parsed("! one\na # two\nb\n").lines.map(({ comment }) => comment)).toEqual([" one", " two", null]);
  });

  test("a quote that is not closed is a problem", () => {
    expect(problemsOf('router_id "lb1\n')).toEqual([
      "1:11 the quote that opens here is not closed in this line: keepalived drops the word",
    ]);
  });

  test("a NUL byte is a problem", () => {
    expect(problemsOf("a\n b\0\n")).toEqual(["2:3 a NUL byte: keepalived ignores the line"]);
  });
});

describe("definitions", () => {
  const text = `
$VRID=51
$AUTH= auth_type PASS \\
    auth_pass secret # not told
$TRACKED=\\
    track_script { \\
        chk \\
    }
vrrp_instance VI_$VRID {
    virtual_router_id $VRID
    unicast_src_ip \${UNKNOWN}
    authentication { $AUTH
    }
    $TRACKED
}
`;

  test("are statements of their own in the file as written", () => {
    const { statements, problems } = parsed(text);
    expect(shown(statements).slice(0, 3)).toEqual([
      "$VRID=|51",
      "$AUTH=|auth_type PASS\nauth_pass secret",
      "$TRACKED=|track_script {\nchk\n}",
    ]);
    expect(problems).toEqual([]);
  });

  test("are put in where they are used", () => {
    const { statements, problems } = read(text);
    expect(shown(statements)).toEqual([
      [
        "vrrp_instance|VI_51",
        [
          "virtual_router_id|51",
          "unicast_src_ip|${UNKNOWN}",
          ["authentication", ["auth_type|PASS", "auth_pass|secret"]],
          ["track_script", ["chk"]],
        ],
      ],
    ]);
    expect(problems).toEqual([]);
  });

  test("have the place of their use", () => {
    const [instance] = read(text).instances;
    expect(instance?.virtualRouterId).toMatchObject({ value: 51, at: { line: 10, column: 23, length: 5 } });
    expect(instance?.at).toMatchObject({ line: 9, column: 15, length: 8 });
    expect(instance?.trackers[0]?.at).toMatchObject({ line: 14, column: 5, length: 8 });
  });

  test("may use others, hold from where they stand, and may lead nowhere", () => {
    const nested = read("$A=1\n$B=${A}2\nx ${B}\n$A=3\nx ${B} $A\n$C=${C}${C}\ny ${C}\n$D=$D\n$D\n");
    expect(shown(nested.statements)).toEqual(["x|12", "x|32|3"]);
    expect(nested.problems.map(({ at, message }) => `${at.line}:${at.column} ${message}`)).toEqual([
      "7:1 with its definitions put in this line is too long",
      "9:1 what stands here leads to itself, or to more lines than anybody can mean",
    ]);
  });
});

describe("repetitions", () => {
  test.each([
    ["~SEQ(I, 3) a $I", ["a|1", "a|2", "a|3"]],
    ["~SEQ(I, -2) a $I", ["a|-1", "a|-2"]],
    ["~SEQ(I, 4, 2) a $I", ["a|4", "a|3", "a|2"]],
    ["~SEQ(I, 1, 2, 5) a $I", ["a|1", "a|3", "a|5"]],
    ["~SEQx(I, 0x8, 1, 0xb) a::${I}", ["a::8", "a::9", "a::a", "a::b"]],
    ["~SEQ(I, 1, 2) ~SEQ(J, 1, 2) a${I}b${J}", ["a1b1", "a1b2", "a2b1", "a2b2"]],
    ["~LST(I, x, y) a $I", ["a|x", "a|y"]],
    ["~LST({I, J}, {1, 2}, {3}) a ${I}-${J}-", ["a|1-2-", "a|3--"]],
  ])("%s", (line, lines) => {
    expect(shown(read(`${line}\n`).statements)).toEqual(lines);
  });

  test("that lead nowhere are problems", () => {
    expect(read("~SEQ(I, 1, 0, 5) a\n").problems).toMatchObject([
      { message: "keepalived does not understand ~SEQ(I, 1, 0, 5)", at: { line: 1, column: 1 } },
    ]);
  });

  test("have an end", () => {
    const { statements, problems } = read("~SEQ(I, 1, 1000000000) a\n");
    expect(statements.length).toBeLessThan(1_000_000);
    expect(problems).toHaveLength(1);
  });
});

describe("lines of some machines", () => {
  const text = "vrrp_instance V {\n@lb1 priority 101\n@^lb1 priority 99\n@lb1\n}\n";

  test("hold there alone", () => {
    expect(read(text, "lb1").instances).toMatchObject([{ priority: { value: 101 } }]);
    expect(read(text, "lb2").instances).toMatchObject([{ priority: { value: 99 } }]);
    expect(read(text).instances).toMatchObject([{ priority: { value: 99, at: { line: 3, column: 16 } } }]);
  });

  test("are kept with their condition in the file as written", () => {
    expect(shown(parsed(text).statements)).toEqual([
      ["vrrp_instance|V", ["@lb1|priority|101", "@^lb1|priority|99"]],
    ]);
  });
});

describe("an instance", () => {
  test("has keepalived's defaults", () => {
    expect(read("vrrp_instance V {\n}\n").instances).toEqual([
      {
        at: expect.objectContaining({ line: 1, column: 15 }),
        name: "V",
        state: "BACKUP",
        interface: null,
        virtualRouterId: null,
        priority: { value: 100, at: null },
        version: 2,
        advertInt: { seconds: 1, at: null },
        downTimerAdverts: 3,
        nopreempt: false,
        preemptDelay: 0,
        unicastSourceIp: null,
        unicastPeers: [],
        authentication: null,
        virtualAddresses: [],
        trackers: [],
        syncGroup: null,
        statements: [],
      },
    ]);
  });

  test("has what is written", () => {
    const { instances, syncGroups } = read(`
global_defs {
    vrrp_version 3
}
vrrp_sync_group both {
    group {
        V
        W
    }
    track_script {
        chk weight 0
    }
}
vrrp_instance V {
    state MASTER
    interface eth1
    virtual_router_id 77
    priority 254
    advert_int 0.2
    down_timer_adverts 4
    nopreempt
    preempt_delay 1.5
    unicast_src_ip 192.0.2.11
    unicast_peer {
        192.0.2.12
        192.0.2.13 min_ttl 254
    }
    authentication {
        auth_type AH
        auth_pass "pass word"
    }
    virtual_ipaddress {
        192.0.2.100/32 dev eth0 label eth0:vip
        192.0.2.101 brd + scope global
    }
    virtual_ipaddress_excluded {
        2001:db8::1/64
    }
    track_interface {
        eth0 weight -30
    }
    track_script {
        chk
        other weight 5 reverse
    }
    track_file {
        drain weight -10
    }
    track_process {
        haproxy
    }
    track_bfd {
        peer weight 3
    }
}
`);
    const [instance] = instances;
    expect(instance).toMatchObject({
      state: "MASTER",
      interface: { text: "eth1" },
      virtualRouterId: { value: 77, at: { line: 17, column: 23 } },
      priority: { value: 254, at: { line: 18 } },
      version: 3,
      advertInt: { seconds: 0.2, at: { line: 19 } },
      downTimerAdverts: 4,
      nopreempt: true,
      preemptDelay: 1.5,
      unicastSourceIp: { text: "192.0.2.11" },
      unicastPeers: [{ text: "192.0.2.12" }, { text: "192.0.2.13" }],
      authentication: { type: "AH", pass: { text: "pass word" }, at: { line: 28 } },
      syncGroup: "both",
    });
    expect(
      instance?.virtualAddresses.map(({ address, prefix, family, dev, excluded }) =>
        [address, prefix, family, dev, excluded].join(" "),
      ),
    ).toEqual(["192.0.2.100 32 ipv4 eth0 false", "192.0.2.101  ipv4  false", "2001:db8::1 64 ipv6  true"]);
    expect(
      instance?.trackers.map(({ kind, name, weight, reverse }) => [kind, name, weight, reverse].join(" ")),
    ).toEqual([
      "interface eth0 -30 false",
      "script chk  false",
      "script other 5 true",
      "file drain -10 false",
      "process haproxy  false",
      "bfd peer 3 false",
    ]);
    expect(syncGroups).toMatchObject([
      { name: "both", members: [{ text: "V" }, { text: "W" }], trackers: [{ name: "chk", weight: 0 }] },
    ]);
  });

  test("speaks version 3 for IPv6, and its own version before the global one", () => {
    const v6 = "vrrp_instance V {\n version 2\n virtual_ipaddress { 2001:db8::1 }\n}\n";
    expect(read(v6).instances).toMatchObject([{ version: 3 }]);
    const own = "global_defs { vrrp_version 3\n}\nvrrp_instance V {\n version 2\n}\n";
    expect(read(own).instances).toMatchObject([{ version: 2 }]);
  });
});

test("trackers have their targets and weights", () => {
  const { trackers } = read(`
vrrp_script chk {
    script "/usr/bin/killall -0 haproxy"
    weight -20
}
vrrp_script plain {
    script /bin/check a
}
track_file drain {
    file "/run/drain"
}
vrrp_track_file old {
    file /run/old
    weight 0
}
vrrp_track_process haproxy {
    process haproxy -W
}
`);
  expect(trackers.map(({ kind, name, weight, target }) => [kind, name, weight, target])).toEqual([
    ["script", "chk", -20, "/usr/bin/killall -0 haproxy"],
    ["script", "plain", 0, "/bin/check a"],
    ["file", "drain", 1, "/run/drain"],
    ["file", "old", 0, "/run/old"],
    ["process", "haproxy", 0, "haproxy -W"],
  ]);
});

test("several files are one configuration", () => {
  const { instances, globals } = keepalivedConfig([
    { path: "keepalived.conf", text: "$ID=7\nglobal_defs {\n router_id a\n}\ninclude more.conf\n" },
    { path: "more.conf", text: "vrrp_instance V {\n virtual_router_id $ID\n}\n" },
  ]);
  expect(instances).toMatchObject([
    { virtualRouterId: { value: 7, at: { source: { path: "more.conf" }, line: 2 } } },
  ]);
  expect(settingOf(globals, "router_id")?.text).toBe("a");
});

test("other blocks are kept as statements", () => {
  const { statements } = read(
    "virtual_server 192.0.2.1 80 {\n real_server 192.0.2.2 80 {\n weight 1\n }\n}\n",
  );
  expect(shown(statements)).toEqual([
    ["virtual_server|192.0.2.1|80", [["real_server|192.0.2.2|80", ["weight|1"]]]],
  ]);
});

test("statements are found by their keyword, the last one holds", () => {
  const { statements } = read("a 1\na 2\nb { c d\n e\n}\nb { f\n}\n");
  expect(findStatement(statements, "a")?.words[1]?.text).toBe("2");
  expect(findStatement(statements, "z")).toBeNull();
  expect(blockWords(statements, "b").map(({ text }) => text)).toEqual(["c", "d", "e", "f"]);
});
