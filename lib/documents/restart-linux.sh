#!/bin/sh
# Lamplighter-RestartLinux: brings one service on this host back, and says in one line each what it did.
# Exactly one way is chosen: a systemd unit, a Docker container, a start script with the port it listens on, or a script
# that restarts the service itself. With mode `reload` the service is told to read its configuration anew, and goes on.
# What a restart destroys, the state and the last words of what runs now, is printed before anything is stopped.
# Running it twice does no harm: it leaves one running copy, as once does.
#
# Exit codes (the same as in restart-windows.ps1):
#   0   it is up again
#   64  the parameters are wrong; nothing was touched
#   65  the unit, container, script or user is not on this host; nothing was touched
#   66  a tool that this needs is not on this host; nothing was touched
#   67  what runs could not be stopped, or must not be
#   68  the command, the start script or the restart script failed
#   69  it was started and did not come up in time
set -u

# Agents from 3.3.2746.0 hand the parameters over as environment variables and may leave the braces as they are; older
# ones know no such thing and replace the braces. These lines work with both, and neither can inject: the document's
# patterns admit no quote, and `checked` below refuses whatever those patterns should ever let through.
unit=${SSM_unit-'{{ unit }}'}
container=${SSM_container-'{{ container }}'}
startScript=${SSM_startScript-'{{ startScript }}'}
restartScript=${SSM_restartScript-'{{ restartScript }}'}
port=${SSM_port-'{{ port }}'}
mode=${SSM_mode-'{{ mode }}'}
user=${SSM_user-'{{ user }}'}
startTimeoutSeconds=${SSM_startTimeoutSeconds-'{{ startTimeoutSeconds }}'}
stopTimeoutSeconds=${SSM_stopTimeoutSeconds-'{{ stopTimeoutSeconds }}'}

# include shared.sh
pause() { sleep 0.2 2>/dev/null || sleep 1; }
now() { date +%s; }

# --- processes and ports, from /proc alone -----------------------------------------------------------------------

# The pids that hold a listening TCP socket on the port: inodes from /proc/net, their holders from /proc/*/fd.
listeners() {
  # shellcheck disable=SC2012 # one ls over all descriptors instead of one readlink for each
  ls -l /proc/[0-9]*/fd 2>/dev/null | awk -v port="$(printf '%04X' "$port")" '
    BEGIN {
      count = split("/proc/net/tcp /proc/net/tcp6", tables, " ")
      for (i = 1; i <= count; i++)
        while ((getline line < tables[i]) > 0) {
          split(line, column, " ")
          parts = split(column[2], address, ":")
          if (column[4] == "0A" && address[parts] == port) wanted["socket:[" column[10] "]"] = 1
        }
    }
    /^\/proc\/[0-9]+\/fd:$/ { split($0, path, "/"); pid = path[3] }
    ($NF in wanted) && !(pid in seen) { seen[pid] = 1; print pid }'
}

# One word that no other process ever has: the pid and when it started. Empty once it is gone (a zombie is gone).
identity() {
  sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | awk -v pid="$1" '$1 != "Z" && $1 != "X" { print pid ":" $20 }'
}
alive() { [ "$(identity "${1%%:*}")" = "$1" ]; }

# This script and whatever runs it (the SSM Agent, for one) must not be stopped, nor may init.
is_protected() {
  ancestor=$$
  while [ "${ancestor:-0}" -gt 1 ]; do
    [ "$ancestor" = "$1" ] && return 0
    ancestor=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$ancestor/status" 2>/dev/null)
  done
  [ "$1" -le 1 ]
}

signal_all() {
  for one in $2; do
    if alive "$one"; then kill -s "$1" "${one%%:*}" 2>/dev/null; fi
  done
}
pids_of() {
  for one in $1; do printf ' %s' "${one%%:*}"; done
}
any_alive() {
  for one in $1; do
    if alive "$one"; then return 0; fi
  done
  return 1
}
gone_by() {
  while any_alive "$1"; do
    [ "$(now)" -lt "$2" ] || return 1
    pause
  done
}

# Until the port listens or it is that time; 2 when the process named as second argument fails first.
wait_for_port() {
  until [ -n "$(listeners)" ]; do
    [ "$(now)" -lt "$1" ] || return 1
    if [ -n "${2:-}" ] && ! alive "$2"; then
      wait "${2%%:*}" || return 2
      set -- "$1" # it ended well, as a script does that leaves its service behind: the port decides
    fi
    pause
  done
}

# --- what is about to be lost --------------------------------------------------------------------------------------

# What a command says, in three seconds at most, and of that the last twenty lines with 200 characters each: looking
# back must neither fail the restart nor hold it up.
briefly() {
  if command -v "$1" >/dev/null 2>&1 && command -v timeout >/dev/null 2>&1; then
    timeout -s KILL 3 "$@" 2>&1 </dev/null
  fi
}
last_words() { briefly "$@" | tail -n 20 | cut -c 1-200; }
look_back() {
  say "--- before this $mode: $*"
  if [ -n "$unit" ]; then
    last_words systemctl show -p ActiveState,SubState,Result,ExecMainCode,ExecMainStatus,NRestarts -- "$unit"
    last_words journalctl --no-pager -q -n 20 -o short-iso -u "$unit"
  elif [ -n "$container" ]; then
    briefly docker inspect --type container -- "$container" |
      grep -E '"(Status|ExitCode|OOMKilled|Error|StartedAt|FinishedAt|RestartCount)":' | tail -n 20 | cut -c 1-200
    last_words docker logs --tail 20 -- "$container"
  elif [ -n "$port" ]; then
    for pid in $(listeners); do last_words ps -o pid= -o etime= -o rss= -o stat= -o comm= -p "$pid"; done
    # The next start writes this log anew.
    if [ -f "$logs/start-$port.log" ]; then last_words tail -n 20 "$logs/start-$port.log"; fi
  fi
  say '--- end'
  full_disks
}
# Disks of this host that are filling up, which may be the cause, or the next one: `disk 93 % full: /var`. They stand behind
# all that was looked back at, for of a long output only the end is kept. Images that are mounted are always full.
full_disks() {
  briefly df -P -k | awk '
    $1 ~ "^/dev/" && $1 !~ "^/dev/(loop|sr)" && !seen[$1]++ && $5 + 0 >= 80 && shown++ < 5 {
      print "disk " ($5 + 0) " % full: " $6
    }' | cut -c 1-200
}

# --- the ways ----------------------------------------------------------------------------------------------------

restart_unit() {
  need systemctl
  need timeout
  # Always a service: `reboot.target` and its like are no services, and systemd's own are not ours to restart.
  unit=${unit%.service}.service
  case $unit in systemd-*) fail 64 "$unit belongs to systemd itself" ;; esac
  systemctl cat -- "$unit" >/dev/null 2>&1 || fail 65 "there is no unit $unit on this host"
  look_back "unit $unit"
  # What was started too often is refused by systemd, from us too, until it has forgotten that, which may take an hour.
  if [ "$mode" = restart ]; then systemctl reset-failed -- "$unit" >/dev/null 2>&1 || :; fi
  timeout "$((stopTimeoutSeconds + startTimeoutSeconds))" systemctl "$mode" -- "$unit" || fail 68 "systemctl $mode $unit failed"
  say "${mode}ed: unit $unit"
  until_steady "unit $unit" unit_is_up
}
unit_is_up() { systemctl is-active --quiet -- "$unit"; }

restart_container() {
  need docker
  docker inspect --type container -- "$container" >/dev/null 2>&1 || fail 65 "there is no container $container on this host"
  look_back "container $container"
  if [ "$mode" = reload ]; then
    container_is_up || fail 67 "container $container does not run: there is nothing that could reload"
    docker kill -s HUP -- "$container" >/dev/null || fail 68 "docker kill -s HUP $container failed"
  else
    docker restart -t "$stopTimeoutSeconds" -- "$container" >/dev/null || fail 68 "docker restart $container failed"
  fi
  say "${mode}ed: container $container"
  until_steady "container $container" container_is_up
}
# No Go template: SSM would take its braces for a parameter.
container_is_up() {
  state=$(docker inspect --type container -- "$container" 2>/dev/null) || return 1
  case $state in *'"Restarting": true'*) return 1 ;; *'"Running": true'*) return 0 ;; esac
  return 1
}

# Up, and up a second later: what dies right after its start looks well for a moment.
until_steady() {
  deadline=$(($(now) + startTimeoutSeconds))
  until "$2" && sleep 1 && "$2"; do
    [ "$(now)" -lt "$deadline" ] || fail 69 "$1 did not come up within $startTimeoutSeconds s"
    pause
  done
  if [ -n "$port" ]; then
    wait_for_port "$deadline" || fail 69 "$1 runs, and nothing listens on port $port after $startTimeoutSeconds s"
  fi
  say "up: $1"
}

from_start_script() {
  can_run "$startScript"
  look_back "what listens on port $port"
  stop_listeners
  if [ -n "$(listeners)" ]; then
    say "up: something else has brought port $port back; not started twice"
    return
  fi
  start_script
}

stop_listeners() {
  found=''
  for pid in $(listeners); do
    if is_protected "$pid"; then
      fail 67 "port $port is held by process $pid, which must not be stopped (init, this script or what runs it)"
    fi
    found="$found $(identity "$pid")"
  done
  if [ -z "${found# }" ]; then
    say "stopped: nothing, as nothing listens on port $port"
    return
  fi
  signal_all TERM "$found"
  if gone_by "$found" "$(($(now) + stopTimeoutSeconds))"; then
    say "stopped: process$(pids_of "$found") on TERM"
    return
  fi
  signal_all KILL "$found"
  gone_by "$found" "$(($(now) + 5))" || fail 67 "process$(pids_of "$found") on port $port did not end on KILL"
  say "stopped: process$(pids_of "$found") on KILL, having ignored TERM for $stopTimeoutSeconds s"
}

can_run() {
  if [ ! -f "$1" ] || [ ! -x "$1" ]; then fail 65 "$1 is no executable file on this host"; fi
  if [ -n "$user" ]; then id "$user" >/dev/null 2>&1 || fail 65 "there is no user $user on this host"; fi
  need setsid
}

# Runs a script in a session of its own, with its output in the log of that name; sets `leader` and `log`.
launch() {
  if ! mkdir -p "$logs" 2>/dev/null || [ ! -w "$logs" ]; then logs=$(mktemp -d) || fail 68 'no folder for a log file'; fi
  log=$logs/$2.log
  cd "$(dirname "$1")" || fail 65 "cannot enter the folder of $1"
  # What is started must not see our parameters, and must outlive this script and the agent's session.
  unset SSM_unit SSM_container SSM_startScript SSM_restartScript SSM_port SSM_user
  unset SSM_mode SSM_startTimeoutSeconds SSM_stopTimeoutSeconds
  if [ -z "$user" ]; then
    setsid "$1" >"$log" 2>&1 </dev/null &
  elif command -v runuser >/dev/null 2>&1; then
    setsid runuser -u "$user" -- "$1" >"$log" 2>&1 </dev/null &
  else
    setsid su -s /bin/sh "$user" -c "exec $1" >"$log" 2>&1 </dev/null &
  fi
  leader=$!
  say "started: $1 as process $leader, output in $log"
}
# Left running, it would be a second copy after the next attempt. The session that was begun for it is ours.
end_session() {
  kill -s TERM -- "-$leader" 2>/dev/null && pause && pause && kill -s KILL -- "-$leader" 2>/dev/null
  tail -n 20 "$log" >&2
}

# It has the time for stopping and for starting, since it does both.
run_restart_script() {
  can_run "$restartScript"
  look_back "what $restartScript is about to $mode"
  deadline=$(($(now) + stopTimeoutSeconds + startTimeoutSeconds))
  launch "$restartScript" "${restartScript##*/}"
  running=$(identity "$leader")
  while [ -n "$running" ] && alive "$running"; do
    if [ "$(now)" -ge "$deadline" ]; then
      end_session
      fail 69 "$restartScript did not end within $((stopTimeoutSeconds + startTimeoutSeconds)) s and has been stopped"
    fi
    pause
  done
  wait "$leader"
  code=$?
  if [ "$code" -ne 0 ]; then
    tail -n 20 "$log" >&2
    fail 68 "$restartScript failed with exit code $code"
  fi
  tail -n 20 "$log"
  say "${mode}ed: by $restartScript"
  if [ -n "$port" ]; then
    wait_for_port "$deadline" || fail 69 "$restartScript is done, and nothing listens on port $port"
    say "up: port $port is listened on"
  fi
}

start_script() {
  launch "$startScript" "start-$port"
  wait_for_port "$(($(now) + startTimeoutSeconds))" "$leader:$(identity "$leader" | cut -d: -f2)"
  case $? in
    0) say "up: port $port is listened on" ;;
    2)
      tail -n 20 "$log" >&2
      fail 68 "$startScript failed before anything listened on port $port"
      ;;
    *)
      end_session
      fail 69 "nothing listens on port $port after $startTimeoutSeconds s; what was started has been stopped"
      ;;
  esac
}

# --- what is asked for -------------------------------------------------------------------------------------------

unit=$(given "$unit") container=$(given "$container") startScript=$(given "$startScript")
restartScript=$(given "$restartScript") port=$(given "$port") user=$(given "$user") mode=$(given "$mode")
mode=${mode:-restart}
logs=${LAMPLIGHTER_LOG_DIR:-/var/log/lamplighter}
checked unit "$unit"
checked container "$container"
checked startScript "$startScript"
checked restartScript "$restartScript"
checked user "$user"
number startTimeoutSeconds "$startTimeoutSeconds" 3600
number stopTimeoutSeconds "$stopTimeoutSeconds" 3600
if [ -n "$port" ]; then number port "$port" 65535; fi
case $mode in restart | reload) ;; *) fail 64 'mode must be restart or reload' ;; esac

case "${unit:+unit}${container:+container}${startScript:+startScript}${restartScript:+restartScript}" in
  unit) restart_unit ;;
  container) restart_container ;;
  startScript)
    [ "$mode" = restart ] || fail 64 'a startScript only starts: mode reload goes with a unit, a container or a restartScript'
    [ -n "$port" ] || fail 64 'startScript needs port: it tells what to stop and when it is up'
    absolute startScript "$startScript"
    from_start_script
    ;;
  restartScript)
    absolute restartScript "$restartScript"
    run_restart_script
    ;;
  *) fail 64 'give exactly one of unit, container, startScript and restartScript' ;;
esac
