import { expect, test } from "vitest";
import { addressName } from "#limits/core/address";

test.each([
  ["IPv4 counts whole", "203.0.113.7", "203.0.113.7"],
  ["an IPv4-mapped address is the IPv4 one", "::ffff:203.0.113.7", "203.0.113.7"],
  ["in hexadecimal too", "::FFFF:CB00:7107", "203.0.113.7"],
  ["IPv6 counts by its /64", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["another host of it is the same", "2001:db8:1:2::1", "2001:db8:1:2::/64"],
  ["in any spelling", "2001:0DB8:0001:0002:0000:0000:0000:00ff", "2001:db8:1:2::/64"],
  ["the next /64 is another", "2001:db8:1:3::1", "2001:db8:1:3::/64"],
  ["a zone does not matter", "fe80::1%eth0", "fe80:0:0:0::/64"],
  ["spaces around do not matter", " 203.0.113.7 ", "203.0.113.7"],
  ["no address", undefined, "unknown"],
  ["an empty one", "", "unknown"],
  ["two of them", "203.0.113.7, 203.0.113.8", "unknown"],
  ["a name", "localhost", "unknown"],
  ["a port", "203.0.113.7:80", "unknown"],
  ["something long", "1".repeat(10_000), "unknown"],
])("%s", (_name, address, expected) => {
  expect(addressName(address)).toBe(expected);
});
