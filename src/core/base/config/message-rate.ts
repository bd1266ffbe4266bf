import { count } from './serve-schema/quantities.ts';

/** Limits of the messages of one connection, for servers and routers. */
export const messageRateKeys = {
  messages_per_second: count(
    100,
    'Sustained rate of WebSocket messages per client; a message counts once per started 128 KiB, and pings and pongs count. A client that sends more is read more slowly.',
    { unit: 'messages' },
  ),
  message_burst: count(500, 'WebSocket messages that one client may send at once after a pause.', {
    unit: 'messages',
  }),
};
