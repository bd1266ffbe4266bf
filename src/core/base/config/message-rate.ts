import { count } from './serve-schema/quantities.ts';

/** Limits of the messages of one connection, for servers and routers. */
export const messageRateKeys = {
  messages_per_second: count(
    100,
    'WebSocket messages that one client may send a second for as long as it likes; one counts once for each 128 KiB begun, pings and pongs count. One that sends more is read more slowly.',
    { unit: 'messages' },
  ),
  message_burst: count(500, 'WebSocket messages that one client may send at once, after a rest.', {
    unit: 'messages',
  }),
};
