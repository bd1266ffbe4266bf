import { describe, expect, it } from 'vitest';
import { isPublicAddress, pictureFetcher } from '../../src/core/server/jobs/fetch-picture.ts';

const never = new AbortController().signal;

describe('pictures by their URL', () => {
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.1.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'fc00::1',
    'fe80::1',
    'ff02::1',
  ])('never come from %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['1.1.1.1', '172.32.0.1', '::ffff:1.1.1.1', '2606:4700::1111'])('may come from %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    ['https://elsewhere.example/a.png', [], 'fetches no picture from elsewhere.example'],
    ['https://elsewhere.example/a.png', ['images.example'], 'fetches no picture from elsewhere.example'],
    [
      'https://images.example@elsewhere.example/',
      ['images.example'],
      'fetches no picture from elsewhere.example',
    ],
    ['http://images.example/a.png', ['images.example'], 'over https: only'],
    ['https://localhost/a.png', ['localhost'], 'localhost leads to a private address'],
    ['https://127.0.0.1/a.png', ['127.0.0.1'], '127.0.0.1 is a private address'],
    ['https://0x7f000001/a.png', ['127.0.0.1'], '127.0.0.1 is a private address'],
    ['https://', ['images.example'], 'fetches no picture'],
  ])('refuses %s', async (url, hosts, told) => {
    const fetchPicture = pictureFetcher({ hosts, maxBytes: 1000 });
    await expect(fetchPicture(url, never)).rejects.toMatchObject({
      status: 400,
      param: 'input_reference',
      message: expect.stringContaining(told),
    });
  });
});
