import fc from "fast-check";

/** Any text: bytes as characters, lines of all kinds of endings, and what the two grammars make something of. */
export const anyText = (pieces: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc
      .array(
        fc.oneof(
          { weight: 6, arbitrary: fc.constantFrom(...pieces) },
          { weight: 3, arbitrary: fc.constantFrom(" ", "\t", "\n", "\r\n", "\n  ", "\r", "\0", "\v") },
          { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
        ),
        { maxLength: 80 },
      )
      .map((parts) => parts.join("")),
  );

/** What HAProxy's grammar is made of. */
export const HAPROXY_PIECES: readonly string[] = [
  ..."\"'\\#${}[]*-:,@/.",
  "\\x41",
  "\\x4",
  "${A}",
  "${A-b c}",
  "${A[*]}",
  "$A",
  '"',
  "a b",
  "no ",
  "default ",
  "defaults ",
  "from ",
  "frontend f",
  "backend b",
  "listen l 192.0.2.1:80",
  "bind :80,[::]:443",
  "server s 192.0.2.1:80 check",
  "default-server inter 1s",
  "server-template t 3 h:1",
  ".if ",
  ".elif ",
  ".else",
  ".endif",
  "version_atleast(2.4)",
  "option redispatch",
];

/** What keepalived's grammar is made of. */
export const KEEPALIVED_PIECES: readonly string[] = [
  ..."\"'\\#!${}@^~=(),/",
  "vrrp_instance V",
  " {",
  "}",
  "{",
  "$A=",
  "$B=$A ",
  "\\\n",
  "${A}",
  "$B",
  "$A=${A}${A}",
  "~SEQ(I, 1, 3) ",
  "~SEQx(I, 10, -5, 0) ",
  "~LST({A,B},{1,2},{3}) ",
  "${I}",
  "@lb1 ",
  "@^lb1 ",
  "priority 100",
  "virtual_ipaddress { 192.0.2.1/24 dev eth0 }",
  "track_script { chk weight 2 }",
  "notify 'a b'\"c\" ",
  "include /x",
  "authentication { auth_type PASS",
];
