import { describe, expect, it } from 'vitest';
import { ReadGate } from '../../../src/core/base/read-gate.ts';
import { ClientScript } from '../../../src/core/router/failover/client-script.ts';

class FakeSocket {
  paused = false;
  pause() {
    this.paused = true;
  }
  resume() {
    this.paused = false;
  }
}

function script(limitBytes = 10_000) {
  const socket = new FakeSocket();
  const made = new ClientScript(new ReadGate(socket as never), limitBytes);
  const say = (text: string) => made.keep({ data: Buffer.from(text), isBinary: false });
  const rest = () => made.rest.map(({ data }) => data.toString());
  return { made, say, rest, socket };
}

describe('what a client has said', () => {
  it('is kept until a replica has worked on it', () => {
    const { made, say, rest } = script();
    for (const text of ['init', 'one', 'two', 'three']) say(text);
    made.acknowledge({ seen: 2, pending: [1] });
    expect(rest()).toEqual(['one', 'three']);
    made.acknowledge({ seen: 3, pending: [] });
    expect(rest()).toEqual([]);
    expect(made.opening?.data.toString()).toBe('init');
    expect(made.waitingBytes).toBe('init'.length);
  });

  it('is counted anew on the next connection', () => {
    const { made, say, rest } = script();
    for (const text of ['init', 'one', 'two', 'three']) say(text);
    made.acknowledge({ seen: 1, pending: [] });
    made.again();
    say('four');
    made.acknowledge({ seen: 2, pending: [] });
    expect(rest()).toEqual(['four']);
  });

  it('holds the client back while it is more than the limit and no replica has the session', () => {
    const { made, say, socket } = script(1000);
    say('x'.repeat(5000));
    expect(socket.paused).toBe(false);
    say('y'.repeat(1000));
    expect(socket.paused).toBe(true);
    made.acknowledge({ seen: 1, pending: [] });
    expect(socket.paused).toBe(false);
  });

  it('is kept for the next replica while one has the session, however much it is', () => {
    const { made, say, socket } = script(1000);
    say('init');
    say('y'.repeat(1000));
    expect([made.waitingBytes, made.keptBytes, socket.paused]).toEqual([1068, 0, true]);
    made.arrived();
    expect([made.waitingBytes, made.keptBytes, socket.paused]).toEqual([0, 1068, false]);
    say('z'.repeat(1000));
    expect([made.isKept, made.keptBytes, socket.paused]).toEqual([true, 2132, false]);
    made.departed();
    expect([made.waitingBytes, made.keptBytes, socket.paused]).toEqual([2132, 0, true]);
  });

  it('is forgotten where no other replica can go on', () => {
    const { made, say, rest, socket } = script(1000);
    say('init');
    say('y'.repeat(1000));
    made.end();
    expect([socket.paused, made.opening, made.keptBytes]).toEqual([false, undefined, 0]);
    say('later');
    expect(rest()).toEqual([]);
  });
});
