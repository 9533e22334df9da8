#!/bin/sh
# What a model registry calls before it makes a version live, with nothing but curl:
#
#   gate-model-registry-hook.sh <service> <version> [key=value …]
#
# Ends with 0 only where incbot itself says that this deploy may go ahead. A freeze, a wrong token, a time-out, a proxy's page: all of them end with
# something else, and the registry must not deploy then. INCBOT_URL and INCBOT_GATE_TOKEN come from the environment.
set -eu

if [ $# -lt 2 ]; then
  echo "usage: $0 <service> <version> [key=value ...]" >&2
  exit 2
fi
: "${INCBOT_URL:?is not set: the address of incbot, such as https://incbot.example.com}"
: "${INCBOT_GATE_TOKEN:?is not set: a token from gate.tokens in incbot.yaml}"
service=$1
version=$2
shift 2

case $service in
*[!a-z0-9._-]*)
  echo "$service is not the name of a service. Not deploying." >&2
  exit 2
  ;;
esac

for label; do
  shift
  set -- "$@" --data-urlencode "label=$label"
done

# The token goes in by standard input: arguments can be read by everybody on the machine.
answer=$(
  printf 'header = "Authorization: Bearer %s"\n' "$INCBOT_GATE_TOKEN" |
    curl --config - --silent --show-error --max-time 5 --write-out '\n%{http_code}' --get \
      --data-urlencode scope=model --data-urlencode "deploy=$version" "$@" \
      "${INCBOT_URL%/}/v1/freezes/$service"
) || {
  echo "incbot cannot be asked whether deploys of $service are frozen. Not deploying." >&2
  exit 1
}
status=$(printf '%s' "$answer" | tail -n 1)
body=$(printf '%s' "$answer" | sed '$d')

# The value of "message" or "error" as it stands in the JSON, so that nothing in it can become a line of its own.
text=$(printf '%s' "$body" | sed -En 's/.*"(message|error)":"(([^"\\]|\\.)*)".*/\2/p' | tail -n 1)

case $status:$body in
200:*'"service":"'"$service"'",'*'"frozen":'*)
  echo "incbot lets $service $version through. $text"
  ;;
423:*)
  printf '%s\n' "$text" >&2
  exit 1
  ;;
*)
  printf 'incbot answered %s, so it is not known whether deploys of %s are frozen: %s Not deploying.\n' \
    "$status" "$service" "$text" >&2
  exit 1
  ;;
esac
