import { expect, test } from "vitest";
import { drillJunit } from "../../../src/report/drill-junit.ts";
import { DRILL } from "./drill-example.ts";

const xml = drillJunit(DRILL);

test("A suite counts cases, failures and what was skipped; a fault's repeats are cases of their own.", () => {
  expect(xml).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites tests="5" failures="1" time="31.000">
      <testsuite name="drill of lb" tests="5" failures="1" errors="0" skipped="2" time="31.000" timestamp="2026-05-04T10:00:00">
        <properties>
          <property name="lbplay" value="0.1.0"/>
          <property name="target" value="http://192.0.2.10/"/>
          <property name="from" value="controller"/>
          <property name="interval_ms" value="5"/>
          <property name="nodes" value="lb1 lb2"/>
        </properties>
        <testcase name="HAProxy stopped" classname="drill.lb.haproxy-stop" time="6.700">
          <system-out>outage 42 ms, 8 of 600 requests failed
    return 0 ms, 0 of 1200 requests failed
    10 of 10 open connections were cut
    owner before lb1, during lb2, after lb2
    predicted 5 to 40 ms</system-out>
        </testcase>
        <testcase name="keepalived killed, 1 of 2" classname="drill.lb.keepalived-kill" time="6.700">
          <system-out>outage 42 ms, 8 of 600 requests failed
    return 0 ms, 0 of 1200 requests failed
    10 of 10 open connections were cut
    owner before lb1, during lb2, after lb2
    predicted 5 to 40 ms</system-out>
        </testcase>
        <testcase name="keepalived killed, 2 of 2" classname="drill.lb.keepalived-kill" time="6.700">
          <failure message="lb1 &amp; lb2 both had &lt;192.0.2.10&gt; after settling" type="exactly-one">exactly-one: lb1 &amp; lb2 both had &lt;192.0.2.10&gt; after settling
    budget: no answer for 2,100 ms, &quot;more&quot; than the 500 ms that are allowed</failure>
          <system-out>outage 42 ms, 8 of 600 requests failed
    return 0 ms, 0 of 1200 requests failed
    10 of 10 open connections were cut
    owner before lb1, during lb2, after lb2
    predicted 5 to 40 ms</system-out>
        </testcase>
        <testcase name="node powered off" classname="drill.lb.power-off" time="0.000">
          <skipped message="cannot be done here: only a lab can switch a node off and on"/>
        </testcase>
        <testcase name="configuration reload under load" classname="drill.lb.reload" time="0.000">
          <skipped message="not run: keepalived killed failed"/>
        </testcase>
      </testsuite>
    </testsuites>
    "
  `);
});

test("What XML cannot hold is replaced, and what means something to it is escaped.", () => {
  const name = "a\u0000b\u001bc<&>\"'\n";
  const odd = drillJunit({ ...DRILL, pair: { ...DRILL.pair, name } });
  expect(odd).toContain(`name="drill of a\ufffdb\ufffdc&lt;&amp;&gt;&quot;'&#10;"`);
});
