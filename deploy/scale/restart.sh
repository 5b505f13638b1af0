#!/bin/sh
# Restarts the relays of compose.yml one after the other, with the image that is there now, and fails nobody's request:
# nginx is told of each before it stops, and of each again when it serves. Give the same options as to `docker compose`:
#
# sh deploy/scale/restart.sh -f deploy/scale/compose.yml --env-file .env
set -eu

for relay in $(docker compose "$@" config --services | grep '^relay-' | sort); do
  docker compose "$@" exec -T nginx touch "/tmp/$relay.leaves"
  # Requests that have chosen it by now have reached it then.
  sleep 2
  docker compose "$@" up -d --no-deps --force-recreate --wait "$relay"
  docker compose "$@" exec -T nginx rm "/tmp/$relay.leaves"
done
