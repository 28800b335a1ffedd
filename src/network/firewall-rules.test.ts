import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firewallRules } from './firewall-rules.js';
import { testEndpoint, testNetwork } from './test-records.js';

const one = testNetwork({ id: 'one', bridge: 'wb-one', subnet: '172.28.0.0/16', gateway: '172.28.0.1' });
const ipv6 = { subnet: 'fd00:2::/64', gateway: 'fd00:2::1' };
const two = testNetwork({ id: 'two', ipv6, bridge: 'wb-two', subnet: '172.29.0.0/16', gateway: '172.29.0.1' });
const closed = testNetwork({ id: 'closed', bridge: 'wb-closed', subnet: '172.30.0.0/16', internal: true });
const none = testNetwork({ id: 'none', driver: 'null', bridge: '', subnet: '', gateway: '' });
const web = testEndpoint({
  networkId: 'one',
  address: '172.28.0.2',
  ports: [
    { protocol: 'tcp', containerPort: 80, hostIp: '0.0.0.0', hostPort: 8080 },
    { protocol: 'udp', containerPort: 53, hostIp: '127.0.0.1', hostPort: 5353 },
  ],
});

/** Lines of one chain, without its name. */
function chainOf(text: string, chain: string): string[] {
  return text
    .split('\n')
    .flatMap((line) => (line.startsWith(`-A T-${chain} `) ? [line.slice(`-A T-${chain} `.length)] : []));
}

const all = firewallRules({ chain: 'T', networks: [one, two, closed, none], endpoints: [web] }, 4);

const rows: readonly { readonly rule: string; readonly chain: string; readonly line: string }[] = [
  {
    rule: 'a port of every address is redirected whatever address of the host was called',
    chain: 'DNAT',
    line: '-p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.28.0.2:80',
  },
  {
    rule: 'a port of one address only there',
    chain: 'DNAT',
    line: '-d 127.0.0.1/32 -p udp -m udp --dport 5353 -j DNAT --to-destination 172.28.0.2:53',
  },
  {
    rule: 'a call to a published port of the same network comes back over the host',
    chain: 'SNAT',
    line: '-s 172.28.0.0/16 -d 172.28.0.2/32 -m conntrack --ctstate DNAT -p tcp -m tcp --dport 80 -j MASQUERADE',
  },
  {
    rule: 'the world sees the host instead of a container',
    chain: 'SNAT',
    line: '-s 172.28.0.0/16 ! -o wb-one -j MASQUERADE',
  },
  {
    rule: "a call from the host's 127.0.0.1 gets an address that can be answered",
    chain: 'SNAT',
    line: '-s 127.0.0.0/8 -o wb-one -j MASQUERADE',
  },
  { rule: 'nobody forges an address', chain: 'FORWARD', line: '-i wb-one ! -s 172.28.0.0/16 -j DROP' },
  { rule: 'link-local services are out of reach', chain: 'FORWARD', line: '-i wb-one -d 169.254.0.0/16 -j DROP' },
  { rule: 'networks do not reach each other', chain: 'FORWARD', line: '-i wb-one -o wb+ -j DROP' },
  { rule: 'an internal network goes nowhere', chain: 'FORWARD', line: '-i wb-closed -j DROP' },
  {
    rule: 'of the host, the resolver answers',
    chain: 'INPUT',
    line: '-i wb-one -d 172.28.0.1/32 -p udp -m udp --dport 53 -j ACCEPT',
  },
  { rule: 'of the host, nothing else answers', chain: 'INPUT', line: '-i wb-one -j DROP' },
];

for (const { rule, chain, line } of rows)
  test(rule, () => assert.ok(chainOf(all, chain).includes(line), chainOf(all, chain).join('\n')));

test('an internal network is not masqueraded', () => {
  assert.deepEqual(
    chainOf(all, 'SNAT').filter((line) => line.includes('172.30.0.0/16')),
    [],
  );
});

const orders: readonly {
  readonly rule: string;
  readonly chain: string;
  readonly first: RegExp;
  readonly later: RegExp;
}[] = [
  {
    rule: 'a forged call to 127.0.0.1 over a bridge is let alone before any port is looked at',
    chain: 'DNAT',
    first: /^-i wb-closed -d 127\.0\.0\.0\/8 -j RETURN$/u,
    later: /DNAT/u,
  },
  {
    rule: "a network's answers to another one pass before the first network refuses anything",
    chain: 'FORWARD',
    first: /^-o wb-closed .*ESTABLISHED -j ACCEPT$/u,
    later: /-o wb\+ -j DROP/u,
  },
  {
    rule: 'forged addresses are refused before answers are let through',
    chain: 'FORWARD',
    first: /^-i wb-closed ! -s/u,
    later: /ESTABLISHED/u,
  },
  {
    rule: 'the resolver is open before the host is closed',
    chain: 'INPUT',
    first: /--dport 53/u,
    later: /^-i wb-one -j DROP$/u,
  },
];

for (const { rule, chain, first, later } of orders)
  test(rule, () => {
    const lines = chainOf(all, chain);
    const at = lines.findIndex((line) => first.test(line));
    assert.ok(at >= 0 && at < lines.findIndex((line) => later.test(line)), lines.join('\n'));
  });

test('without networks our chains are declared, and empty', () => {
  const text = firewallRules({ chain: 'T', networks: [], endpoints: [web] }, 4);
  assert.deepEqual(
    text.split('\n').filter((line) => line.startsWith('-A')),
    [],
  );
  for (const chain of ['DNAT', 'SNAT', 'FORWARD', 'INPUT']) assert.ok(text.includes(`:T-${chain} - [0:0]`));
});

const seen = testEndpoint({
  networkId: 'two',
  address: '172.29.0.2',
  address6: 'fd00:2::2',
  ports: [
    { protocol: 'tcp', containerPort: 80, hostIp: '0.0.0.0', hostPort: 8080 },
    { protocol: 'tcp', containerPort: 80, hostIp: '::', hostPort: 8080 },
    { protocol: 'udp', containerPort: 53, hostIp: 'fd00:9::1', hostPort: 5353 },
  ],
});
const six = firewallRules({ chain: 'T', networks: [one, two], endpoints: [web, seen] }, 6);

const rows6: readonly { readonly rule: string; readonly chain: string; readonly lines: readonly RegExp[] }[] = [
  {
    rule: 'IPv6 redirects the ports of IPv6 alone',
    chain: 'DNAT',
    lines: [
      /^-d ::1\/128 -j RETURN$/u,
      /^-p tcp -m tcp --dport 8080 -j DNAT --to-destination \[fd00:2::2\]:80$/u,
      /^-d fd00:9::1\/128 -p udp -m udp --dport 5353 -j DNAT --to-destination \[fd00:2::2\]:53$/u,
    ],
  },
  {
    rule: 'of the host, IPv6 reaches neighbour discovery, the resolver, ping and answers',
    chain: 'INPUT',
    lines: [
      /--icmpv6-type 135 -j ACCEPT$/u,
      /--icmpv6-type 136 -j ACCEPT$/u,
      /^-i wb-two ! -s fd00:2::\/64 -j DROP$/u,
      /-d fe80::\/10 -j DROP$/u,
      /-d fd00:ec2::254\/128 -j DROP$/u,
      /-d fd20:ce::254\/128 -j DROP$/u,
      /-d fd00:2::1\/128 -p udp -m udp --dport 53 -j ACCEPT$/u,
      /-d fd00:2::1\/128 -p tcp -m tcp --dport 53 -j ACCEPT$/u,
      /-d fd00:2::1\/128 -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j ACCEPT$/u,
      /RELATED,ESTABLISHED -j ACCEPT$/u,
      /^-i wb-two -j DROP$/u,
    ],
  },
];

for (const { rule, chain, lines } of rows6)
  test(rule, () => {
    const given = chainOf(six, chain);
    assert.equal(given.length, lines.length, given.join('\n'));
    for (const [index, line] of lines.entries()) assert.match(given[index] ?? '', line);
  });

test('nothing of IPv4 gets among the rules of IPv6, and nothing of IPv6 among those of IPv4', () => {
  assert.doesNotMatch(six, /172\.|wb-one/u);
  assert.doesNotMatch(firewallRules({ chain: 'T', networks: [one, two], endpoints: [web, seen] }, 4), /fd00|::/u);
});
