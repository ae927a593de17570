import { describe, expect, test } from "vitest";
import { checkUrl, createAddressRules, isPublicAddress } from "#egress/core/address-policy";

const CLOSED = createAddressRules([], false);

const verdict = (url: string, rules = CLOSED): string => {
  const checked = checkUrl(url, "user", rules);
  return checked.ok ? (checked.value.needsDns ? "resolve" : "allowed") : checked.error;
};

describe("every spelling of a private address is refused", () => {
  test.each([
    // Loopback as people write it, and as parsers of the C library read it.
    "http://127.0.0.1/",
    "http://127.0.0.1:8787/",
    "http://127.0.0.1./",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://017700000001/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0x7f.0x0.0x0.0x1/",
    "http://0177.0.0.1/",
    "http://0177.0.0.01/",
    "http://127.000.000.001/",
    "http://127.255.255.254/",
    "http:127.0.0.1/",
    "http:\\\\127.0.0.1\\",
    "http:/\\127.0.0.1/",
    "  http://127.0.0.1/  ",
    "http://127.0.0\t.1/",
    "http://%31%32%37.0.0.1/",
    "http://127%2e0%2e0%2e1/",
    "http://127。0。0。1/",
    "http://127｡0｡0｡1/",
    "http://１２７.0.0.1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://𝟏𝟐𝟕.0.0.1/",
    // "This" network.
    "http://0/",
    "http://0.0.0.0/",
    "http://00000/",
    "http://0x0/",
    "http://0.1.2.3/",
    // Private and special IPv4.
    "http://10.0.0.1/",
    "http://10.255.255.255/",
    "http://167772161/",
    "http://100.64.0.1/",
    "http://100.100.100.200/",
    "http://100.127.255.255/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/",
    "http://169.254.0.23/",
    "http://168.63.129.16/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.0.0.1/",
    "http://192.0.0.192/",
    "http://192.0.2.1/",
    "http://192.88.99.1/",
    "http://192.168.0.1/",
    "http://192.168.255.255/",
    "http://198.18.0.1/",
    "http://198.19.255.255/",
    "http://198.51.100.1/",
    "http://203.0.113.1/",
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    // IPv6.
    "http://[::]/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[0000:0000:0000:0000:0000:0000:0000:0001]:80/",
    "http://[::127.0.0.1]/",
    "http://[::7f00:1]/",
    "http://[::8.8.8.8]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::FFFF:10.0.0.1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[0:0:0:0:0:ffff:c0a8:1]/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b::8.8.8.8]/",
    "http://[64:ff9b:1::10.0.0.1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a9fe:a9fe::1]/",
    "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    "http://[2001:db8::1]/",
    "http://[2001:10::1]/",
    "http://[2001:20::1]/",
    "http://[100::1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fd12:3456:789a:1::1]/",
    "http://[fe80::1]/",
    "http://[febf::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[3fff::1]/",
    "http://[5f00::1]/",
    "http://[4000::1]/",
    "http://[1::1]/",
  ])("%s", (url) => {
    expect(verdict(url)).toBe("private_address");
  });
});

describe("a name that only means something inside a network is refused", () => {
  test.each([
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://localhost../",
    "http://ｌｏｃａｌｈｏｓｔ/",
    "http://loc%61lhost/",
    "http://lo\u00ADcalhost/",
    "http://a.localhost/",
    "http://a.b.localhost./",
    "http://localhost.localdomain/",
    "http://printer.local/",
    "http://router.lan/",
    "http://nas.home/",
    "http://nas.home.arpa/",
    "http://db.internal/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://METADATA.GOOGLE.INTERNAL./",
    "http://instance-data.ec2.internal/",
    "http://metadata/",
    "http://instance-data/",
    "http://metadata.goog/",
    "http://metadata.tencentyun.com/",
    "http://kubernetes.default.svc/",
    "http://kubernetes.default.svc.cluster.local/",
    "http://wiki.corp/",
    "http://wiki.intranet/",
    "http://intranet/",
    "http://router/",
    "http://abcdefghij.onion/",
    "http://site.alt/",
    "http://nothing.invalid/",
    "http://app.test/",
    "http://a..example.com/",
    "http://.example.com/",
    `http://${"a".repeat(64)}.example.com/`,
  ])("%s", (url) => {
    expect(["private_name", "malformed"]).toContain(verdict(url));
  });
});

test.each([
  ["file:///etc/passwd", "scheme"],
  ["ftp://example.com/", "scheme"],
  ["data:text/html,hello", "scheme"],
  ["javascript:alert(1)", "scheme"],
  ["blob:https://example.com/0", "scheme"],
  ["gopher://127.0.0.1:6379/_x", "scheme"],
  ["ws://example.com/", "scheme"],
  ["example.com", "malformed"],
  ["//example.com/", "malformed"],
  ["http://", "malformed"],
  ["http://exa mple.com/", "malformed"],
  ["http://256.0.0.1/", "malformed"],
  ["http://1.2.3.4.5/", "malformed"],
  ["http://[::1%25eth0]/", "malformed"],
  ["http://[fe80::1%eth0]/", "malformed"],
  ["http://user@example.com/", "credentials"],
  ["http://user:pass@127.0.0.1/", "credentials"],
  ["http://example.com@127.0.0.1/", "credentials"],
  ["http://:pass@example.com/", "credentials"],
  ["http://example.com:22/", "port"],
  ["http://example.com:25/", "port"],
  ["http://example.com:0/", "port"],
  ["http://example.com:6379/", "port"],
  ["http://example.com:11211/", "port"],
  ["http://example.com:6667/", "port"],
  [`http://example.com/${"a".repeat(5000)}`, "too_long"],
])("%s is refused for its %s", (url, reason) => {
  expect(verdict(url)).toBe(reason);
});

test.each([
  ["https://example.com/", "resolve"],
  ["http://example.com:8080/x?y#z", "resolve"],
  ["https://한국.kr/", "resolve"],
  ["https://my_host.example.com/", "resolve"],
  ["http://8.8.8.8/", "allowed"],
  ["http://134744072/", "allowed"],
  ["https://[2606:4700:4700::1111]/", "allowed"],
  // An IPv4-mapped address is the IPv4 address, which is public here.
  ["http://[::ffff:8.8.8.8]/", "allowed"],
  // These look like private names and are none.
  ["https://localhost.example.com/", "resolve"],
  ["https://127.0.0.1.nip.io/", "resolve"],
  ["https://local.example.com/", "resolve"],
  ["https://mylocal.com/", "resolve"],
])("%s passes: %s", (url, expected) => {
  expect(verdict(url)).toBe(expected);
});

test("the canonical URL is what is fetched: no trailing dot, no fragment", () => {
  const checked = checkUrl("HTTP://Example.COM.:80/a/../b#part", "user", CLOSED);
  expect(checked.ok && checked.value.url.href).toBe("http://example.com/b");
});

describe("what the operator allows", () => {
  const rules = createAddressRules(
    [
      "LocalHost:8787",
      "10.1.2.3",
      "[::1]:9000",
      "intra.corp.",
      "localhost:80",
      "wiki:443",
      "b@d",
      "",
    ],
    false,
  );

  test.each([
    ["http://localhost:8787/", "allowed"],
    ["http://LOCALHOST.:8787/", "allowed"],
    ["http://localhost/", "allowed"],
    ["http://localhost:8788/", "private_name"],
    ["https://localhost/", "private_name"],
    ["http://127.0.0.1:8787/", "private_address"],
    ["http://10.1.2.3:1234/", "allowed"],
    ["http://167838211/", "allowed"],
    ["http://10.1.2.4/", "private_address"],
    ["http://[::1]:9000/", "allowed"],
    ["http://[0:0::1]:9000/", "allowed"],
    ["http://[::1]/", "private_address"],
    ["https://intra.corp/", "allowed"],
    ["https://wiki/", "allowed"],
    ["http://wiki/", "private_name"],
    // The rules of form hold for an allowed host too.
    ["ftp://localhost:8787/", "scheme"],
    ["http://user@localhost:8787/", "credentials"],
    ["http://10.1.2.3:6379/", "port"],
  ])("%s: %s", (url, expected) => {
    expect(verdict(url, rules)).toBe(expected);
  });

  test("SCRAPE_ALLOW_PRIVATE lifts the address rules and nothing else", () => {
    const open = createAddressRules([], true);
    expect(verdict("http://127.0.0.1:8787/", open)).toBe("allowed");
    expect(verdict("http://router/", open)).toBe("allowed");
    expect(verdict("file:///etc/passwd", open)).toBe("scheme");
    expect(verdict("http://u:p@127.0.0.1/", open)).toBe("credentials");
  });

  test("an address from the settings may be private, by http and without credentials in it", () => {
    const asOperator = (url: string): string => {
      const checked = checkUrl(url, "operator", CLOSED);
      return checked.ok ? "allowed" : checked.error;
    };
    expect(asOperator("http://127.0.0.1:11434/v1")).toBe("allowed");
    expect(asOperator("http://ollama:11434/v1")).toBe("allowed");
    expect(asOperator("file:///etc/passwd")).toBe("scheme");
    expect(asOperator("https://key@model.example.com/")).toBe("credentials");
  });
});

test.each([
  ["93.184.216.34", true],
  ["2606:4700::1111", true],
  ["::ffff:93.184.216.34", true],
  ["127.0.0.1", false],
  ["0177.0.0.1", false],
  ["fe80::1%eth0", false],
  ["not an address", false],
  ["", false],
])("a resolver's answer %s is public: %s", (address, expected) => {
  expect(isPublicAddress(address)).toBe(expected);
});
