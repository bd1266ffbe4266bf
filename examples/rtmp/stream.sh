#!/bin/sh
# Streams day and night to an RTMP address: the prompts in turn, one after the other, without end.
#
#   stream.sh RTMP_ADDRESS PROMPT...       FASTVIDEO_URL: the server, default http://127.0.0.1:8000
#
# ffmpeg reads at the speed of playing (-re) and encodes nothing again; the server waits for it. When the server or the
# platform goes away, it begins anew after five seconds.
set -u
if [ $# -lt 2 ]; then
  echo 'Usage: stream.sh RTMP_ADDRESS PROMPT...' >&2
  exit 2
fi
address=$1
shift
trap 'exit 130' INT
trap 'exit 143' TERM
while :; do
  ${FASTVIDEO:-fastvideo} stream --url "${FASTVIDEO_URL:-http://127.0.0.1:8000}" --loop "$@" |
    ffmpeg -loglevel error -re -i pipe:0 -c copy -f flv "$address"
  echo "The stream to $address has ended; the next try is in 5 s." >&2
  sleep 5 &
  wait $!
done
