/**
 * Where a kernel setting is below /proc/sys. The separator that comes first separates; the other one is then part of a
 * name: eth0.100 in a key of dots is eth0/100.
 */
export const kernelPath = (key: string): string =>
  key.indexOf("/") !== -1 && key.indexOf("/") < `${key}.`.indexOf(".")
    ? key
    : key.replace(/[./]/g, (sign) => (sign === "." ? "/" : "."));
