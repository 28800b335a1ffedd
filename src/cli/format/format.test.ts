import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Columns, renderList } from './list.js';
import { displayPorts } from './ports.js';
import { renderValue } from './render-value.js';
import { formatBinarySize, formatDecimalSize } from './sizes.js';
import { alignTabs } from './tab-writer.js';
import { ellipsis, joinLabels, shortId } from './texts.js';

const data = {
  Name: '/web',
  State: { Status: 'running', Running: true, ExitCode: 0 },
  Config: { Cmd: ['cmd', '/c', 'ver'], Labels: { 'com.example.a': '1', b: '2' }, Entrypoint: null },
  Mounts: [
    { Source: '/a', RW: true },
    { Source: '/b', RW: false },
  ],
  Size: 1_234_567,
  Empty: [],
};

test('templates give what Go gives', () => {
  const rows: readonly (readonly [template: string, expected: string])[] = [
    ['{{.Name}}', '/web'],
    ['a{{ .State.Status }}b', 'arunningb'],
    ['{{.State.Running}} {{.State.ExitCode}}', 'true 0'],
    ['{{.Config.Cmd}}', '[cmd /c ver]'],
    ['{{.Config.Labels}}', 'map[b:2 com.example.a:1]'],
    ['{{.Config.Entrypoint}}', '<no value>'],
    ['{{.Config.Labels.none}}', '<no value>'],
    ['{{json .Config.Cmd}}', '["cmd","/c","ver"]'],
    ['{{json .State}}', '{"Status":"running","Running":true,"ExitCode":0}'],
    ['{{join .Config.Cmd " "}}', 'cmd /c ver'],
    ['{{.Name | upper}}', '/WEB'],
    ['{{upper .Name | printf "%-6s|"}}', '/WEB  |'],
    ['{{index .Config.Labels "com.example.a"}}', '1'],
    ['{{index .Config.Labels "none"}}', ''],
    ['{{index .Config.Cmd 1}}', '/c'],
    ['{{(index .Mounts 0).Source}}', '/a'],
    ['{{len .Mounts}}', '2'],
    ['{{range .Mounts}}{{.Source}};{{end}}', '/a;/b;'],
    ['{{range $i, $m := .Mounts}}{{$i}}={{$m.Source}} {{end}}', '0=/a 1=/b '],
    ['{{range $k, $v := .Config.Labels}}{{$k}}={{$v}},{{end}}', 'b=2,com.example.a=1,'],
    ['{{range .Mounts}}{{if .RW}}{{continue}}{{end}}{{.Source}}{{break}}{{end}}', '/b'],
    ['{{range .Empty}}x{{else}}none{{end}}', 'none'],
    ['{{if .State.Running}}up{{else}}down{{end}}', 'up'],
    ['{{if eq .State.Status "exited" "running"}}y{{end}}', 'y'],
    ['{{if and .State.Running (eq .State.ExitCode 0)}}ok{{end}}', 'ok'],
    ['{{if not .Empty}}empty{{end}}', 'empty'],
    ['{{if .Empty}}a{{else if .State.Running}}b{{else}}c{{end}}', 'b'],
    ['{{if gt .Size 1000}}big{{end}}', 'big'],
    ['{{with .State}}{{.Status}} {{$.Name}}{{end}}', 'running /web'],
    ['{{with .Empty}}x{{else}}y{{end}}', 'y'],
    ['{{$n := .Name}}{{range .Mounts}}{{$n}}{{end}}', '/web/web'],
    ['{{$n := 1}}{{if true}}{{$n = 2}}{{end}}{{$n}}', '2'],
    ['{{or .Config.Entrypoint .Name}}', '/web'],
    ['{{split .Name "e" | json}}', '["/w","b"]'],
    ['{{truncate .Name 3}}{{pad .Name 1 2}}|', '/we /web  |'],
    ['{{title "hello world"}}{{lower "ABC"}}', 'Hello Worldabc'],
    ['{{printf "%s %d %q %v %5.1f %%" .Name 3 "a" true 2.26}}', '/web 3 "a" true   2.3 %'],
    ['{{printf "%s"}}', '%!s(MISSING)'],
    ['{{println .Name 1}}', '/web 1\n'],
    ['{{"a\\tb"}}{{`c\\t`}}', 'a\tbc\\t'],
    ['a {{- " b " -}} c', 'a b c'],
    ['{{/* note */}}x', 'x'],
    ['{{"}}"}}', '}}'],
    ['{{slice .Name 1 3}}', 'we'],
    ['plain', 'plain'],
    ['json', JSON.stringify(data)],
  ];
  for (const [template, expected] of rows) assert.equal(renderValue(data, template), expected, template);
});

test('a wrong template is told with the reason', () => {
  const rows: readonly (readonly [template: string, reason: RegExp])[] = [
    ['{{.Name', /unclosed action/u],
    ['{{.Nope}}', /map has no entry for key "Nope"/u],
    ['{{.Name.X}}', /can't evaluate field X/u],
    ['{{nope .Name}}', /function "nope" not defined/u],
    ['{{if .Name}}x', /unexpected EOF/u],
    ['{{end}}', /unexpected \{\{end\}\}/u],
    ['{{$x}}', /undefined variable "\$x"/u],
    ['{{index .Mounts 9}}', /index out of range: 9/u],
    ['{{(.Name}}', /unclosed left paren/u],
    ['{{}}', /missing value for command/u],
    ['{{.Name ?}}', /unexpected "\?" in command/u],
  ];
  for (const [template, reason] of rows) assert.throws(() => renderValue(data, template), reason, template);
});

interface Row {
  readonly id: string;
  readonly name: string;
  readonly labels: Record<string, string>;
}

const columns: Columns<Row> = {
  ID: { header: 'CONTAINER ID', text: ({ id }) => id },
  Names: { header: 'NAMES', text: ({ name }) => name },
  Label: { header: 'LABEL', method: ({ labels }, key) => labels[key] ?? '' },
};
const rows: readonly Row[] = [
  { id: '4c01db0b339c', name: 'web', labels: { 'com.docker.swarm.node': 'debian' } },
  { id: 'd7886598dbe2', name: 'a-long-name', labels: {} },
];
const list = (format: string | undefined, quiet?: string): string =>
  renderList(rows, { columns, table: ['ID', 'Names'], format, quiet });

test('a list is a table, a template, JSON, or ids alone, as docs.docker.com shows them', () => {
  const plain = 'CONTAINER ID   NAMES\n4c01db0b339c   web\nd7886598dbe2   a-long-name\n';
  assert.equal(list(undefined), plain);
  assert.equal(list('table'), plain);
  assert.equal(
    list('table {{.Names}}\\t{{.ID}}'),
    'NAMES         CONTAINER ID\nweb           4c01db0b339c\na-long-name   d7886598dbe2\n',
  );
  assert.equal(list('{{.ID}}: {{.Names}}'), '4c01db0b339c: web\nd7886598dbe2: a-long-name\n');
  assert.equal(
    list('table {{.ID}}\\t{{.Label "com.docker.swarm.node"}}'),
    'CONTAINER ID   NODE\n4c01db0b339c   debian\nd7886598dbe2   \n',
  );
  assert.equal(list('json'), '{"ID":"4c01db0b339c","Names":"web"}\n{"ID":"d7886598dbe2","Names":"a-long-name"}\n');
  assert.equal(list('{{json .}}'), list('json'));
  assert.equal(list(undefined, 'ID'), '4c01db0b339c\nd7886598dbe2\n');
  assert.throws(() => list('{{.Nope}}'), /can't evaluate field Nope/u);
});

test('columns are at least ten wide and three apart', () => {
  assert.equal(alignTabs(['A\tB', 'x\ty']), 'A         B\nx         y\n');
  assert.equal(alignTabs(['A\tB', '12345678901\ty']), 'A             B\n12345678901   y\n');
  assert.equal(alignTabs(['A\tB'], { minimum: 20 }), `${'A'.padEnd(20)}B\n`);
});

test('sizes have Docker’s units and digits', () => {
  const table = [
    [0, '0B', '0B'],
    [999, '999B', '999B'],
    [1000, '1kB', '1000B'],
    [1024, '1.024kB', '1KiB'],
    [1_234_567, '1.235MB', '1.177MiB'],
    [25_276_948_480, '25.28GB', '23.54GiB'],
  ] as const;
  for (const [bytes, decimal, binary] of table) {
    assert.equal(formatDecimalSize(bytes), decimal);
    assert.equal(formatBinarySize(bytes), binary);
  }
  assert.equal(formatDecimalSize(1_234_567, 3), '1.23MB');
});

test('ports are shown as ps shows them', () => {
  const port = (PrivatePort: number, PublicPort?: number, IP = '0.0.0.0') =>
    PublicPort === undefined ? { PrivatePort, Type: 'tcp' } : { PrivatePort, PublicPort, IP, Type: 'tcp' };
  const table = [
    [[], ''],
    [[port(80)], '80/tcp'],
    [[port(80, 8080)], '0.0.0.0:8080->80/tcp'],
    [[port(80, 8080, '::')], '[::]:8080->80/tcp'],
    [[port(81), port(80), port(82)], '80-82/tcp'],
    [[port(80, 80), port(81, 81)], '0.0.0.0:80-81->80-81/tcp'],
    [[port(443), port(80, 8080)], '443/tcp, 0.0.0.0:8080->80/tcp'],
  ] as const;
  for (const [ports, expected] of table) assert.equal(displayPorts(ports), expected);
});

test('ids, long texts and labels are cut and joined as Docker does', () => {
  assert.equal(shortId('sha256:4c01db0b339c8f3a'), '4c01db0b339c');
  assert.equal(ellipsis('abcdef', 4), 'abc…');
  assert.equal(ellipsis('abcd', 4), 'abcd');
  assert.equal(joinLabels({ b: '2', a: '1' }), 'a=1,b=2');
  assert.equal(joinLabels(null), '');
});
