// Checks of a probe server by grpc-js: node client.mjs ADDRESS prints one line of JSON for each check.
import assert from 'node:assert/strict';
import { grpc, Probe, limits } from './probe.mjs';

const client = new Probe(process.argv[2], grpc.credentials.createInsecure(), limits);
const { status } = grpc;
const soon = () => ({ deadline: Date.now() + 60000 });

const unary = (ask, options = soon(), metadata = new grpc.Metadata()) => new Promise((resolve, reject) => {
  const result = {};
  const call = client.Unary(ask, metadata, options, (error, answer) => { result.error = error; result.answer = answer; });
  call.on('metadata', headers => { result.headers = headers; });
  call.on('status', end => {
    result.status = end;
    setImmediate(() => result.error ? reject(result.error) : resolve(result));
  });
});
const collect = stream => new Promise(resolve => {
  const result = { answers: [] };
  stream.on('data', answer => result.answers.push(answer));
  stream.on('error', error => { result.error = error; });
  stream.on('status', end => { result.status = end; setImmediate(() => resolve(result)); });
});
const fails = promise => promise.then(() => assert.fail('the call did not fail'), error => error);
const tell = async page => (await unary({ act: 'TELL', text: page })).answer.text;

const checks = {
  async unary_echo() {
    const { answer } = await unary({ text: 'grüß', payload: Buffer.from([0, 1]), count: 3 });
    assert.deepEqual(answer, { text: 'grüß', payload: Buffer.from([0, 1]), count: 3 });
  },
  async large_messages_both_ways() {
    const payload = Buffer.alloc(3_000_000, 'abc');
    assert.ok(payload.equals((await unary({ payload })).answer.payload));
  },
  async large_answer() {
    assert.equal((await unary({ act: 'SIZE', count: 20_000_000 })).answer.payload.length, 20_000_000);
  },
  async request_over_limit_is_resource_exhausted() {
    const error = await fails(unary({ payload: Buffer.alloc(5 << 20) }));
    assert.equal(error.code, status.RESOURCE_EXHAUSTED);
  },
  async status_message_and_trailers() {
    for (const text of ['plain', 'per%cent', 'grüße 世界 😀', 'line\r\nbreak\ttab']) {
      const error = await fails(unary({ act: 'FAIL', code: 9, text }));
      assert.equal(error.code, status.FAILED_PRECONDITION);
      assert.equal(error.details, text);
      assert.deepEqual(error.metadata.get('x-why'), ['because']);
    }
  },
  async exception_is_unknown() {
    const error = await fails(unary({ act: 'THROW', text: 'secret' }));
    assert.equal(error.code, status.UNKNOWN);
    assert.ok(!error.details.includes('secret'));
  },
  async metadata_text_and_binary() {
    const metadata = new grpc.Metadata();
    metadata.set('x-echo', 'value');
    metadata.set('x-echo-bin', Buffer.from([0, 255, 128, 44]));
    const result = await unary({ act: 'METADATA' }, soon(), metadata);
    assert.deepEqual(result.headers.get('x-echo'), ['value']);
    assert.deepEqual(result.headers.get('x-echo-bin'), [Buffer.from([0, 255, 128, 44])]);
    assert.deepEqual(result.status.metadata.get('x-trailer'), ['value']);
    assert.deepEqual(result.status.metadata.get('x-trailer-bin'), [Buffer.from([0, 255, 128, 44])]);
  },
  async deadline_passes() {
    const error = await fails(unary({ act: 'WAIT', text: 'js-deadline' }, { deadline: Date.now() + 200 }));
    assert.equal(error.code, status.DEADLINE_EXCEEDED);
    assert.equal(await tell('js-deadline'), 'cancelled');
  },
  async cancelled_server_stream() {
    const stream = client.ServerStream({ act: 'WAIT', count: 1, text: 'js-cancel' }, soon());
    stream.once('data', () => stream.cancel());
    const result = await collect(stream);
    assert.equal(result.status.code, status.CANCELLED);
    assert.equal(await tell('js-cancel'), 'cancelled');
  },
  async unimplemented() {
    const call = path => new Promise(resolve => client.makeUnaryRequest(
      path, () => Buffer.alloc(0), bytes => bytes, {}, soon(), error => resolve(error)));
    assert.equal((await call('/pantheon.grpctests.Probe/Missing')).code, status.UNIMPLEMENTED);
    const method = await call('/pantheon.grpctests.Probe/NoSuchMethod');
    assert.deepEqual([method.code, method.details], [status.UNIMPLEMENTED, 'Method is unimplemented.']);
    const service = await call('/no.such.Service/Method');
    assert.deepEqual([service.code, service.details], [status.UNIMPLEMENTED, 'Service is unimplemented.']);
  },
  async garbage_fails_and_service_stays() {
    const error = await new Promise(resolve => client.makeUnaryRequest(
      '/pantheon.grpctests.Probe/Unary', () => Buffer.alloc(9, 255), bytes => bytes, {}, soon(), resolve));
    assert.ok([status.UNKNOWN, status.INTERNAL].includes(error.code), String(error));
    assert.equal((await unary({ text: 'still' })).answer.text, 'still');
  },
  async server_stream_in_order() {
    const { answers, status: end } = await collect(client.ServerStream({ count: 500, payload: Buffer.alloc(300) }, soon()));
    assert.deepEqual(answers.map(a => a.count), [...Array(500).keys()]);
    assert.equal(end.code, status.OK);
  },
  async server_stream_empty() {
    const { answers, status: end } = await collect(client.ServerStream({}, soon()));
    assert.deepEqual([answers.length, end.code], [0, status.OK]);
  },
  async server_stream_fails_after_messages() {
    const { answers, status: end } = await collect(client.ServerStream({ act: 'FAIL', code: 8, text: 'müde', count: 3 }, soon()));
    assert.deepEqual(answers.map(a => a.count), [0, 1, 2]);
    assert.deepEqual([end.code, end.details, end.metadata.get('x-why')], [status.RESOURCE_EXHAUSTED, 'müde', ['because']]);
  },
  async duplex_ping_pong() {
    const call = client.Duplex(soon());
    const answers = call[Symbol.asyncIterator]();
    for (let i = 0; i < 100; i++) {
      call.write({ count: i, payload: Buffer.alloc(i * 100) });
      const { value } = await answers.next();
      assert.deepEqual([value.count, value.payload.length], [i, i * 100]);
    }
    call.end();
    assert.ok((await answers.next()).done);
  },
  async duplex_large_windows() {
    const call = client.Duplex(soon());
    const all = collect(call);
    for (let i = 0; i < 40; i++) call.write({ count: i, payload: Buffer.alloc(200_000) });
    call.end();
    const { answers, status: end } = await all;
    assert.deepEqual([answers.length, end.code], [40, status.OK]);
    assert.ok(answers.every((a, i) => a.count === i && a.payload.length === 200_000));
  },
  async duplex_fails_while_client_sends() {
    const call = client.Duplex(soon());
    const all = collect(call);
    call.write({ act: 'FAIL', code: 5, text: 'gone' });
    const { status: end } = await all;
    assert.deepEqual([end.code, end.details], [status.NOT_FOUND, 'gone']);
  },
  async many_concurrent_calls() {
    const results = await Promise.all([...Array(500).keys()].map(i => unary({ text: String(i), payload: Buffer.alloc(2000) })));
    assert.deepEqual(results.map(r => r.answer.text), [...Array(500).keys()].map(String));
  },
  async gzip_request() {
    const gzip = new Probe(process.argv[2], grpc.credentials.createInsecure(), { ...limits, 'grpc.default_compression_algorithm': 2 });
    const payload = Buffer.alloc(100_000, 'compressible ');
    const answer = await new Promise((resolve, reject) =>
      gzip.Unary({ payload }, new grpc.Metadata(), soon(), (error, value) => error ? reject(error) : resolve(value)));
    assert.ok(payload.equals(answer.payload));
    gzip.close();
  },
};

for (const [check, run] of Object.entries(checks)) {
  const result = { check, error: null };
  try {
    await run();
  } catch (error) {
    result.error = String(error?.stack ?? error);
  }
  console.log(JSON.stringify(result));
}
client.close();
