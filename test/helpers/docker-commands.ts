import { join } from 'node:path';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { tarEnd, tarHeader } from '../../src/platform/index.js';
import type { ClientResult } from './run-client.js';

const nano = 'mcr.microsoft.com/windows/nanoserver:ltsc2025';

export interface DockerCommand {
  /** What is typed, split at spaces except inside of single quotes. `NANO` is the base image, `DIR` a folder with files. */
  readonly run: string;
  readonly input?: string;
  readonly code?: number;
  /** All of stdout, or a pattern in it. */
  readonly out?: string | RegExp;
  readonly err?: RegExp;
  /** Stdout is as in this file of test/fixtures/golden. It is asked for in version 1.41, which every client speaks. */
  readonly golden?: string;
  /** What our own CLI prints in place of that: a build is shown as BuildKit's clients show it. */
  readonly ours?: Pick<DockerCommand, 'out' | 'err'>;
}

/** Commands of Docker's, one after the other in one engine, each with its exit code and what it prints. */
export const dockerCommands: Readonly<Record<string, readonly DockerCommand[]>> = {
  'what the engine says of itself': [
    {
      run: "version --format '{{.Server.Os}} {{.Server.APIVersion}} {{.Server.MinAPIVersion}}'",
      out: 'windows 1.54 1.24\n',
    },
    { run: "version --format '{{.Server.KernelVersion}}'", out: /^10\.0 26100 \(26100\.1\.amd64fre\.ge_release/u },
    {
      run: "info --format '{{.OSType}} {{.Isolation}} {{.Driver}} {{.NCPU}}'",
      out: 'windows process windowsfilter 4\n',
    },
    {
      run: "info --format '{{.OperatingSystem}}'",
      out: /^Microsoft Windows Server Version 24H2 \(OS Build 26100\.\d+\)\n$/u,
    },
    { run: "info --format '{{.OSVersion}}'", out: '10.0.26100\n' },
    { run: "info --format '{{.Swarm.LocalNodeState}}'", out: 'inactive\n' },
    { run: 'info', out: /Default Isolation: process\n[^]* Insecure Registries:\n[^]*  127\.0\.0\.0\/8\n/u },
    { run: 'system df', out: /^TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE\nImages +0/u },
    { run: 'system info', out: /Server Version: 0\.1\.0/u },
  ],
  'run: output, exit code, input': [
    { run: "run --rm NANO cmd /c 'echo hi'", out: 'hi\r\n' },
    { run: "run --rm NANO cmd /c 'echo hi & echo oops>&2 & exit 3'", code: 3, out: 'hi\r\n', err: /^oops\r\n$/u },
    { run: "run --rm NANO cmd /c 'exit 3221225781'", code: 53, out: '' },
    { run: 'run -i --rm NANO cmd /c cat', input: 'typed\n', out: 'typed\n' },
    { run: 'run -i --rm NANO cmd', input: 'echo one\necho two\nexit 4\n', code: 4, out: 'one\r\ntwo\r\n' },
    { run: 'run --rm NANO nosuch.exe', code: 127, err: /The system cannot find the file specified/u },
    { run: "run --rm -e A=1 --env B=2 NANO cmd /c 'echo %A%%B%'", out: '12\r\n' },
    { run: "run --rm --env-file DIR/env.list NANO cmd /c 'echo %FROM_FILE%'", out: 'yes\r\n' },
    { run: 'run --rm -w C:\\app NANO cmd /c cd', out: 'C:\\app\r\n' },
    { run: 'run --rm --user ContainerAdministrator NANO cmd /c whoami', out: 'ContainerAdministrator\r\n' },
    { run: 'run --rm NANO cmd /c whoami', out: 'ContainerUser\r\n' },
    { run: "run --rm --hostname box NANO cmd /c 'echo %COMPUTERNAME%'", out: /^BOX\r\n$/iu },
    { run: 'run --rm --entrypoint cmd NANO /c ver', out: /Microsoft Windows \[Version/u },
    { run: 'run --rm --isolation process NANO cmd /c ver', out: /Version 10\.0/u },
    { run: 'run --rm --isolation hyperv NANO cmd /c ver', out: /Version 10\.0/u },
    { run: 'run --rm --isolation default NANO cmd /c ver', out: /Version 10\.0/u },
    { run: 'run --rm -m 512m --cpus 1 NANO cmd /c ver', out: /Version/u },
    { run: 'run --rm --cpu-shares 512 NANO cmd /c ver', out: /Version/u },
    { run: 'run --rm --cpu-count 1 NANO cmd /c ver', out: /Version/u },
    { run: "run --rm NANO cmd /c 'flood 4096'", out: /^(?:x{1023}\n){4096}$/u },
    { run: 'run --rm -v data:C:\\data NANO cmd /c ver', out: /Version/u },
    { run: 'run --rm -p 8080:80 -P --expose 81 NANO cmd /c ver', out: /Version/u },
    { run: 'run --rm --network none NANO cmd /c ver', out: /Version/u },
    { run: 'run --rm --dns 10.0.0.1 --add-host a:10.0.0.2 NANO cmd /c ver', out: /Version/u },
    { run: 'run --rm --init --shm-size 64m --cap-add NET_ADMIN NANO cmd /c ver', out: /Version/u },
    { run: 'run --rm --log-driver none NANO cmd /c ver', out: /Version/u },
    { run: 'run --rm --annotation windowbox.host=windows-server-2025 NANO cmd /c ver', out: /Version/u },
  ],
  'run: what a Windows engine refuses, in its words': [
    {
      run: 'run --rm --privileged NANO',
      code: 125,
      err: /Error response from daemon: Windows does not support privileged mode/u,
    },
    { run: 'run --rm --read-only NANO', code: 125, err: /Windows does not support root filesystem in read-only mode/u },
    {
      run: 'run --rm --memory-swap 1g -m 500m NANO',
      code: 125,
      err: /invalid option: Windows does not support MemorySwap/u,
    },
    { run: 'run --rm --memory-reservation 1g NANO', code: 125, err: /Windows does not support MemoryReservation/u },
    { run: 'run --rm --memory-swappiness 5 NANO', code: 125, err: /Windows does not support MemorySwappiness/u },
    { run: 'run --rm --oom-kill-disable NANO', code: 125, err: /Windows does not support OomKillDisable/u },
    { run: 'run --rm --pids-limit 5 NANO', code: 125, err: /Windows does not support PidsLimit/u },
    { run: 'run --rm --ulimit nofile=5 NANO', code: 125, err: /Windows does not support Ulimits/u },
    { run: 'run --rm --cpu-period 5 NANO', code: 125, err: /Windows does not support CPUPeriod/u },
    { run: 'run --rm --cpuset-cpus 0 NANO', code: 125, err: /Windows does not support CpusetCpus/u },
    { run: 'run --rm --cpuset-mems 0 NANO', code: 125, err: /Windows does not support CpusetMems/u },
    { run: 'run --rm --blkio-weight 10 NANO', code: 125, err: /Windows does not support BlkioWeight/u },
    {
      run: 'run --rm --device-read-bps /dev/sda:1mb NANO',
      code: 125,
      err: /Windows does not support BlkioDeviceReadBps/u,
    },
    { run: 'run --rm --cgroup-parent x NANO', code: 125, err: /Windows does not support CgroupParent/u },
    { run: 'run --rm --cpu-rt-period 5 NANO', code: 125, err: /Windows does not support CPU real-time period/u },
    {
      run: 'run --rm --cpus 99 NANO',
      code: 125,
      err: /range of CPUs is from 0\.01 to \d+\.00, as there are only \d+ CPUs available/u,
    },
    { run: 'run --rm --cpu-percent 101 NANO', code: 125, err: /range of CPUPercent is from 1 to 100/u },
    { run: 'run --rm --cpus 1 --cpu-shares 5 NANO', code: 125, err: /Nano CPUs and CPU Shares cannot both be set/u },
    { run: 'run --rm --isolation jail NANO', code: 125, err: /Windows supports 'default', 'process', or 'hyperv'/u },
    { run: 'run --rm --security-opt credentialspec=file://x NANO', code: 125, err: /need a Windows domain/u },
    {
      run: 'run --rm --device class/5B45201D NANO',
      code: 125,
      err: /Cannot use "--device"|not an absolute path|error gathering device information|bad format/u,
    },
    {
      run: 'run --restart sometimes NANO',
      code: 125,
      err: /invalid restart policy: unknown policy 'sometimes'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'/u,
    },
    { run: 'run --restart always:3 NANO', code: 125, err: /maximum retry count can only be used with 'on-failure'/u },
    { run: 'run --rm -v data:C:\\ NANO', code: 125, err: /cannot be 'c:' or 'c:\\'/u },
    {
      run: 'run --rm mcr.microsoft.com/windows/nanoserver:1809',
      code: 125,
      err: /hcs::CreateComputeSystem [0-9a-f]{64}: The container operating system does not match the host operating system\./u,
    },
    {
      run: 'run --rm mcr.microsoft.com/windows/nanoserver:1809 cmd /c ver --isolation',
      code: 125,
      err: /does not match the host/u,
    },
    { run: 'run --rm --isolation hyperv mcr.microsoft.com/windows/nanoserver:1809 cmd /c ver', out: /Version/u },
  ],
  'a container from create to rm': [
    { run: "create --name box -p 8080:80 -l a=b NANO cmd /c 'echo started & wait 60'", out: /^[0-9a-f]{64}\n$/u },
    {
      run: 'create --name box NANO',
      code: 1,
      err: /Conflict\. The container name "\/box" is already in use by container "[0-9a-f]{64}"\. You have to remove \(or rename\)/u,
    },
    { run: "ps -a --filter name=box --format '{{.Names}} {{.State}} {{.Status}}'", out: 'box created Created\n' },
    { run: 'ps --filter name=box -q', out: '' },
    { run: 'stop box', out: 'box\n' },
    { run: 'kill box', code: 1, err: /cannot kill container: box: container [0-9a-f]{64} is not running\n/u },
    { run: 'pause box', code: 1, err: /is not running/u },
    { run: 'exec box cmd', code: 1, err: /container [0-9a-f]{64} is not running/u },
    { run: 'start box', out: 'box\n' },
    { run: 'start box', out: 'box\n' },
    {
      run: "ps --filter name=box --format '{{.Names}} {{.Image}} {{.Command}} {{.Ports}}'",
      out: /^box mcr\.microsoft\.com\/windows\/nanoserver:ltsc2025 "cmd \/c 'echo starte…" 0\.0\.0\.0:8080->80\/tcp\n$/u,
    },
    { run: "ps --filter label=a=b --format '{{.Labels}}'", out: /a=b/u },
    { run: "ps --filter status=running --format '{{.Status}}'", out: /^Up \d+ seconds?\n|^Up Less than a second\n/u },
    { run: 'ps --filter isolation=process -q --no-trunc', out: /^[0-9a-f]{64}\n$/u },
    { run: 'ps --filter colour=red', code: 1, err: /invalid filter 'colour'/u },
    { run: 'ps -s --filter name=box', out: /SIZE/u },
    { run: 'port box', out: '80/tcp -> 0.0.0.0:8080\n' },
    { run: 'logs box', out: 'started\r\n' },
    { run: 'logs -t --tail 1 box', out: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z started\r\n$/u },
    { run: 'logs --since 2001-01-01T00:00:00Z box', out: 'started\r\n' },
    { run: 'logs --until 2001-01-01T00:00:00Z box', out: '' },
    { run: 'logs nosuch', code: 1, err: /No such container: nosuch/u },
    { run: 'top box', out: /^Name +PID +CPU +Private Working Set\ncmd\.exe +1234 +00:00:01\.500 +1\.234MB\n$/u },
    { run: "stats --no-stream --format '{{.Name}} {{.MemUsage}}' box", out: /^box 38\.15MiB\n$/u },
    {
      run: "inspect --format '{{.State.Status}} {{.HostConfig.Isolation}} {{.Platform}} {{.Driver}}' box",
      out: 'running process windows windowsfilter\n',
    },
    {
      run: "inspect --format '{{.HostConfig.NetworkMode}} {{.NetworkSettings.Networks.nat.IPAddress}}' box",
      out: 'nat 172.20.0.2\n',
    },
    { run: "inspect --format '{{json .Config.Cmd}}' box", out: '["cmd","/c","echo started & wait 60"]\n' },
    { run: "inspect --size --format '{{.SizeRw}}' box", out: /^\d+\n$/u },
    { run: 'inspect nosuch', code: 1, out: '[]\n', err: /No such object: nosuch/u },
    { run: "exec box cmd /c 'echo inside & exit 5'", code: 5, out: 'inside\r\n' },
    { run: 'exec -i box cmd /c cat', input: 'through\n', out: 'through\n' },
    {
      run: "exec -e A=7 -w C:\\x -u ContainerUser box cmd /c 'echo %A% & cd & whoami'",
      out: '7\r\nC:\\x\r\nContainerUser\r\n',
    },
    { run: 'exec -d box cmd /c ver', out: '' },
    { run: 'exec box nosuch.exe', code: 127, out: /cannot find the file/u },
    { run: 'exec box', code: 1, err: /requires at least 2 arguments/u },
    { run: 'cp DIR/file.txt box:/', code: 0 },
    { run: 'cp box:/file.txt -', out: /content\n/u },
    { run: 'cp box:/nosuch -', code: 1, err: /Could not find the file \/nosuch in container box\n/u },
    { run: 'diff box', out: 'A C:\\file.txt\n' },
    { run: 'export box', out: /./u },
    { run: 'pause box', out: 'box\n' },
    { run: "ps --filter name=box --format '{{.Status}}'", out: /^Up .* \(Paused\)\n$/u },
    { run: 'exec box cmd /c ver', code: 1, err: /is paused, unpause the container before exec/u },
    { run: 'unpause box', out: 'box\n' },
    { run: 'rename box crate', out: '' },
    { run: 'rename crate bad!name', code: 1, err: /Invalid container name/u },
    { run: 'update --memory 300m crate', out: 'crate\n' },
    { run: "inspect --format '{{.HostConfig.Memory}}' crate", out: '314572800\n' },
    { run: 'update --restart unless-stopped crate', out: 'crate\n' },
    { run: 'update --memory-swap 1g crate', code: 1, err: /Windows does not support MemorySwap/u },
    { run: 'restart -t 1 crate', out: 'crate\n' },
    {
      run: 'rm crate',
      code: 1,
      err: /cannot remove container "\/?crate": container is running: stop the container before removing or force remove/u,
    },
    { run: 'kill crate', out: 'crate\n' },
    { run: 'wait crate', out: /^\d+\n$/u },
    { run: "ps -a --filter name=crate --format '{{.State}}'", out: 'exited\n' },
    { run: 'rm -f -v crate', out: 'crate\n' },
    { run: "create --name quick NANO cmd /c 'echo quick & exit 6'", out: /^[0-9a-f]{64}\n$/u },
    { run: 'start -a quick', code: 6, out: 'quick\r\n' },
    { run: "ps -a --filter exited=6 --format '{{.Names}}'", out: 'quick\n' },
    { run: 'rm quick', out: 'quick\n' },
    { run: 'rm crate', code: 1, err: /No such container: crate/u },
    { run: 'rm -f crate', code: 0, err: /No such container: crate/u },
  ],
  volumes: [
    { run: 'volume create --label a=b things', out: 'things\n' },
    { run: 'volume ls -q --filter name=things', out: 'things\n' },
    { run: "volume inspect --format '{{.Driver}} {{.Scope}} {{.Labels}}' things", out: 'local local map[a:b]\n' },
    { run: 'volume inspect nosuch', code: 1, err: /no such volume/u },
    { run: "run -d --name user -v things:C:\\things NANO cmd /c 'wait 60'", out: /^[0-9a-f]{64}\n$/u },
    {
      run: "inspect --format '{{(index .Mounts 0).Type}} {{(index .Mounts 0).Destination}} {{(index .Mounts 0).RW}}' user",
      out: /^volume C:\\things true\n$/iu,
    },
    { run: 'volume rm things', code: 1, err: /volume is in use/u },
    { run: 'create --name other --volumes-from user:ro -v things:C:\\own NANO', out: /^[0-9a-f]{64}\n$/u },
    {
      run: "inspect --format '{{range .Mounts}}{{.Name}} {{.Destination}} {{.RW}},{{end}} {{.HostConfig.VolumesFrom}}' other",
      out: 'things C:\\things false,things C:\\own true, [user:ro]\n',
    },
    {
      run: 'create --volumes-from user --volumes-from other -v C:\\things --name third NANO',
      out: /^[0-9a-f]{64}\n$/u,
    },
    {
      run: "inspect --format '{{range .Mounts}}{{.Name}} {{.Destination}} {{.RW}},{{end}}' third",
      out: 'things C:\\things false,things C:\\own true,\n',
    },
    { run: 'create --volumes-from user:x NANO', code: 1, err: /invalid mode: x/u },
    { run: 'create --pull never --volumes-from nosuch NANO', code: 1, err: /No such container: nosuch/u },
    { run: 'create --volume-driver far -v a1:C:\\a NANO', code: 1, err: /plugin "far" not found/u },
    {
      run: 'create --mount type=volume,source=things,target=C:\\part,volume-subpath=a NANO',
      code: 1,
      err: /Cannot mount a part of a volume: not supported here/u,
    },
    {
      run: 'create --mount type=bind,source=/tmp,target=C:\\t,bind-propagation=shared NANO',
      code: 1,
      err: /invalid mount config for type "bind": invalid propagation mode: shared/u,
    },
    { run: 'rm other third', out: 'other\nthird\n' },
    { run: 'rm -f user', out: 'user\n' },
    { run: 'volume rm things', out: 'things\n' },
    { run: 'volume rm nosuch', code: 1, err: /no such volume/u },
    { run: 'volume create x', code: 1, err: /volume name is too short/u },
    { run: 'volume prune -f -a', code: 0 },
  ],
  images: [
    {
      run: "images --format '{{.Repository}}:{{.Tag}}' mcr.microsoft.com/windows/nanoserver:ltsc2025",
      out: `${nano}\n`,
    },
    {
      run: "image inspect --format '{{.Os}}/{{.Architecture}} {{.OsVersion}}' NANO",
      out: /^windows\/amd64 10\.0\.26100\.\d+\n$/u,
    },
    { run: 'tag NANO mine:1', out: '' },
    { run: "images --filter reference=mine --format '{{.Tag}}'", out: '1\n' },
    { run: 'history -q --no-trunc mine:1', out: /^sha256:[0-9a-f]{64}\n$/u },
    { run: 'rmi mine:1', out: 'Untagged: mine:1\n' },
    { run: 'rmi nosuch', code: 1, err: /No such image: nosuch/u },
    { run: 'image inspect nosuch', code: 1, err: /No such image: nosuch/u },
    { run: 'tag nosuch other', code: 1, err: /No such image: nosuch/u },
    { run: 'tag NANO UPPER', code: 1, err: /repository name must be lowercase|invalid reference format/u },
    { run: 'image prune -f', out: /Total reclaimed space: 0B/u },
    { run: 'builder prune -f', out: /Total/u },
  ],
  'images that are built, committed, saved and loaded': [
    {
      run: 'pull NANO',
      out: /Pulling from windows\/nanoserver\nWindowbox's own base for nanoserver .*nothing is downloaded\nStatus: /u,
    },
    { run: 'pull -q NANO', out: `${nano}\n` },
    { run: "pull ''", code: 1, err: /invalid reference format/u },
    {
      run: 'pull mcr.microsoft.com/windows/nanoserver:9999',
      code: 1,
      err: /"mcr\.microsoft\.com\/windows\/nanoserver:9999": the repository has no such tag/u,
    },
    {
      run: 'build -t built:1 DIR',
      out: /Step 1\/5 : FROM [^]*Successfully built [0-9a-f]{12}\nSuccessfully tagged built:1\n/u,
      ours: { out: '', err: /#3 \[1\/\d\] FROM [^]*#\d+ [\d.]+ naming to built:1 done\n#\d+ DONE /u },
    },
    { run: 'build -q -t built:2 DIR', out: /^sha256:[0-9a-f]{64}\n$/u },
    {
      run: 'build -t built:3 --build-arg X=1 --label l=m --no-cache DIR',
      out: /Successfully tagged built:3/u,
      ours: { err: /naming to built:3 done/u },
    },
    // A Dockerfile may lie beside the context.
    { run: 'build -q -t built:2 -f DIR/Dockerfile DIR/context', out: /^sha256:[0-9a-f]{64}\n$/u },
    { run: 'build -f DIR/nosuch DIR', code: 1, err: /unable to prepare context: unable to evaluate symlinks/u },
    { run: 'run --rm built:1', out: '1\r\n' },
    { run: "image inspect --format '{{.Config.Labels.x}} {{.Config.Env}}' built:1", out: 'y [A=1]\n' },
    { run: 'history --format {{.CreatedBy}} built:1', out: /^cmd \/S \/C #\(nop\) {2}CMD/u },
    { run: 'run --name source NANO cmd /c ver', out: /Version/u },
    { run: "commit -m message -a me --change 'ENV B=2' source committed:1", out: /^sha256:[0-9a-f]{64}\n$/u },
    { run: "image inspect --format '{{.Author}} {{.Comment}}' committed:1", out: 'me message\n' },
    { run: 'rm source', out: 'source\n' },
    { run: 'save -o DIR/saved.tar built:1', out: '' },
    { run: 'save -o DIR/no/saved.tar built:1', code: 1, err: /failed to save image: invalid output path: .*no/u },
    { run: 'save -o /dev/null built:1', code: 1, err: /failed to save image: .*character device/u },
    { run: 'load -i DIR', code: 1, err: /is a directory/u },
    { run: 'import DIR', code: 1, err: /is a directory/u },
    { run: 'rmi -f nosuch', err: /No such image: nosuch/u },
    { run: 'rmi built:1:2', code: 1, err: /invalid reference format/u },
    { run: 'image inspect built:1:2', code: 1, err: /invalid reference format/u },
    { run: 'rmi built:1 built:2 built:3', out: /Untagged: built:1\n/u },
    { run: 'load -i DIR/saved.tar', out: 'Loaded image: built:1\n' },
    { run: 'load -q -i DIR/file.txt', code: 1, err: /./u },
    { run: 'load -i DIR/missing.tar', code: 1, err: /open .*missing\.tar: no such file or directory\n/u },
    { run: 'run --rm built:1', out: '1\r\n' },
    { run: 'rmi built:1 committed:1', out: /Untagged: committed:1\n/u },
    { run: "import -m drive -c 'ENV B=3' -c 'LABEL l=m' DIR/drive.tar drive:1", out: /^sha256:[0-9a-f]{64}\n$/u },
    {
      run: "image inspect --format '{{.Config.Env}} {{.Config.Labels.l}} {{.Config.User}} {{.OsVersion}}' drive:1",
      out: /^\[B=3\] m ContainerAdministrator 10\.0\.26100\.\d+\n$/u,
    },
    { run: "import -c 'RUN x' DIR/drive.tar", code: 1, err: /RUN is not a valid change command/u },
    { run: "import --platform 'windows(10.0.17763)/amd64' DIR/drive.tar drive:2", out: /^sha256:/u },
    { run: "image inspect --format '{{.OsVersion}}' drive:2", out: /^10\.0\.17763\.\d+\n$/u },
    { run: 'import --platform linux/amd64 DIR/drive.tar', code: 1, err: /this engine has windows\/amd64/u },
    { run: 'rmi drive:1 drive:2', out: /Untagged: drive:1\n/u },
    { run: 'pull -a mcr.microsoft.com/windows/nanoserver', code: 1, err: /they stand for bases that are made here/u },
  ],
  networks: [
    { run: "network ls --format '{{.Name}} {{.Driver}} {{.Scope}}'", out: 'nat nat local\nnone null local\n' },
    { run: 'network create -d nat --label a=b backend', out: /^[0-9a-f]{64}\n$/u },
    { run: 'network create -d nat backend', code: 1, err: /network with name backend already exists/u },
    { run: "network inspect --format '{{.Driver}} {{.Labels}}' backend", out: 'nat map[a:b]\n' },
    { run: 'network inspect nosuch', code: 1, err: /network nosuch not found/u },
    { run: 'network rm backend', out: 'backend\n' },
    { run: 'network rm nat', code: 1, err: /pre-defined network and cannot be removed/u },
    { run: 'network prune -f', code: 0 },
  ],
  'a node outside of a swarm': [
    {
      run: 'node ls',
      code: 1,
      err: /This node is not a swarm manager\. Use "docker swarm init" or "docker swarm join"/u,
    },
    { run: 'service ls', code: 1, err: /This node is not a swarm manager/u },
    { run: 'secret ls', code: 1, err: /This node is not a swarm manager/u },
    { run: 'config ls', code: 1, err: /This node is not a swarm manager/u },
    { run: 'swarm leave', code: 1, err: /This node is not part of a swarm/u },
    { run: 'swarm init', code: 1, err: /joins no swarm/u },
    { run: 'plugin ls -q', out: '' },
    { run: 'plugin inspect nosuch', code: 1, err: /nosuch/u },
  ],
  'events and cleaning up': [
    {
      run: "events --since 0 --until SOON --filter event=rename --filter type=container --format '{{.Action}} {{.Actor.Attributes.name}}'",
      out: /rename crate/u,
    },
    {
      run: "events --since 0 --until SOON --filter type=image --format '{{.Action}} {{.Actor.Attributes.name}}'",
      out: /tag mine:1\nuntag sha256:[0-9a-f]{64}\n[^]*pull mcr\.microsoft\.com\/windows\/nanoserver\n[^]*tag built:1\n[^]*save sha256:[^]*delete sha256:[^]*load sha256:[^]*import sha256:/u,
    },
    {
      run: "events --since 0 --until SOON --filter event=commit --format '{{.Actor.Attributes.comment}} {{.Actor.Attributes.imageRef}}'",
      out: 'message committed:1\n',
    },
    { run: 'container prune -f', out: /Total reclaimed space/u },
    { run: 'system prune -f', out: /Total reclaimed space/u },
    {
      run: "events --since 0 --until SOON --filter event=prune --format '{{.Type}} {{.Actor.Attributes.reclaimed}}'",
      out: /^(?:volume|image|builder|network) \d+\n[^]*container \d+\ncontainer \d+\nimage \d+\nbuilder \d+\n$/u,
    },
    { run: 'system df -v', out: /Containers space usage/u },
    { run: 'ps -aq', out: '' },
  ],
};

/** A folder with the files that the commands name as `DIR`. */
export async function makeCommandFolder(): Promise<{ readonly folder: string; readonly remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'windowbox-cli-'));
  await writeFile(join(folder, 'file.txt'), 'content\n');
  await writeFile(join(folder, 'env.list'), 'FROM_FILE=yes\n');
  const lines = [`FROM ${nano}`, 'ENV A=1', 'LABEL x=y', 'COPY file.txt C:/', 'CMD ["cmd","/c","echo %A%"]'];
  // Programs in a container are not root: a folder that is mounted must let them in.
  await chmod(folder, 0o755);
  await mkdir(join(folder, 'context'));
  await writeFile(join(folder, 'context/file.txt'), 'content\n');
  const drive = [
    tarHeader({ name: 'app', type: 'folder' }),
    tarHeader({ name: 'app/empty.txt', type: 'file' }),
    tarEnd,
  ];
  await writeFile(join(folder, 'drive.tar'), Buffer.concat(drive));
  await writeFile(join(folder, 'Dockerfile'), `${lines.join('\n')}\n`);
  return { folder, remove: async () => rm(folder, { recursive: true, force: true }) };
}

/** The words of a command. */
export function wordsOf({ run }: DockerCommand, folder: string): string[] {
  const line = run.replace('SOON', String(Math.floor(Date.now() / 1000) + 1));
  const words = line.match(/(?:'[^']*'|[^\s'])+/gu) ?? [];
  return words.map((word) => word.replaceAll("'", '').replaceAll('NANO', nano).replaceAll('DIR', folder));
}

/** What of a result is not as the command says; empty when all is. */
export function problemsOf(command: DockerCommand, { code, stdout, stderr }: ClientResult): readonly string[] {
  const problems = [
    ...(code === (command.code ?? 0) ? [] : [`exit code ${String(code)}`]),
    ...(fits(stdout, command.out) ? [] : [`stdout ${JSON.stringify(stdout.slice(0, 400))}`]),
    ...(fits(stderr, command.err) ? [] : [`stderr ${JSON.stringify(stderr.slice(0, 400))}`]),
  ];
  return problems.length === 0 ? [] : [`${command.run}: ${problems.join(', ')}; ${stderr.slice(0, 300)}`];
}

function fits(text: string, wanted: string | RegExp | undefined): boolean {
  if (wanted === undefined) return true;
  return typeof wanted === 'string' ? text === wanted : wanted.test(text);
}
