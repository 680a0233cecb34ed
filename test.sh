#!/usr/bin/env bash
# The quick test: starts three servers, shows the registry, tells how to open the page, and on Ctrl+C stops the
# servers and shows the registry again. With CI=true it works in a home of its own and checks instead of waiting.
set -euo pipefail
cd "$(dirname "$0")"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
[ "${CI:-}" != true ] || export SHIPYARD_HOME=$scratch/home
registry=${SHIPYARD_HOME:-$HOME/.shipyard}/servers.json

[ -d node_modules ] || npm install
npx --no-install tsc -b src

pids=()
stop() {
  trap '' INT TERM HUP
  for pid in "${pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
}

show() {
  echo
  echo "$1 ($registry):"
  if [ -f "$registry" ]; then cat "$registry"; else echo "no such file"; fi
  echo
}

echo "Starting 3 servers"
mkfifo "$scratch/output"
exec 3<>"$scratch/output"
trap 'stop; show "Registry after"; exit 0' INT TERM HUP
for _ in 1 2 3; do
  node examples/echo/server.js >&3 &
  pids+=($!)
  # A server says one line once it listens and is registered.
  if ! IFS= read -r -t 30 line <&3; then
    echo "A server did not start within 30 s; its own words, if any, are above." >&2
    stop
    exit 1
  fi
  echo "  $line"
done

show "Registry"

if [ "${CI:-}" = true ]; then
  started=$(grep -c '"port":' "$registry")
  stop
  show "Registry after"
  left=$(grep -c '"port":' "$registry" || true)
  echo "Registered while running: $started of 3; left after stopping: $left"
  [ "$started" = 3 ] && [ "$left" = 0 ]
  exit
fi

cat <<'TEXT'
To see them in a page, run this in another terminal and open the address that it prints:

  npm run dev

Press Ctrl+C to stop the servers.
TEXT
wait "${pids[@]}"
