// Checks of a running service by grpc-js: node client.mjs TARGET HTTP BUNDLE PROTOS prints one line of JSON for each check.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Bundle } from './bundle.mjs';
import { grpc, load } from './grpc.mjs';

const [target, http, directory, protos] = process.argv.slice(2);
const { pantheon, health } = load(protos);
const { status } = grpc;
const endless = 10_000_000;
const limits = { 'grpc.max_receive_message_length': 64 << 20, 'grpc.max_send_message_length': 64 << 20, 'grpc.enable_http_proxy': 0 };
const client = new pantheon.serving.v1.Scoring(target, grpc.credentials.createInsecure(), limits);
const bundle = new Bundle(directory);
const soon = (milliseconds = 60000) => ({ deadline: Date.now() + milliseconds });

const rank = (request, options = soon()) => new Promise((resolve, reject) =>
  client.Rank(request, new grpc.Metadata(), options, (error, answer) => error ? reject(error) : resolve(answer)));
const rankBytes = (path, bytes) => new Promise((resolve, reject) => client.makeUnaryRequest(
  path, value => value, value => value, bytes, soon(), (error, answer) => error ? reject(error) : resolve(answer)));
const collect = stream => new Promise(resolve => {
  const result = { answers: [] };
  stream.on('data', answer => result.answers.push(answer));
  stream.on('error', () => {});
  stream.on('status', end => { result.status = end; setImmediate(() => resolve(result)); });
});
const stream = messages => {
  const call = client.RankStream(soon());
  const result = collect(call);
  for (const message of messages) call.write(message);
  call.end();
  return result;
};
const fails = promise => promise.then(() => assert.fail('the call did not fail'), error => error);
const metric = async name => {
  const text = await (await fetch(`${http}/metrics`)).text();
  return text.split('\n').filter(line => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
};
const until = async (condition, what) => {
  for (const end = Date.now() + 60000; !await condition();) {
    assert.ok(Date.now() < end, `never: ${what}`);
    await pause(10);
  }
};
const idle = async () => {
  for (const gauge of ['pantheon_requests_running', 'pantheon_queue_length', 'pantheon_buffers_rented_bytes']) {
    await until(async () => await metric(gauge) === 0, `${gauge} is 0`);
  }
};
const probe = (rounds, id = 'probe') => ({
  request_id: id,
  model: 'probe-strict',
  user_features: [{ name: 'rounds', int64s: [rounds] }],
  candidate_features: [{ name: 'x', floats: [0.25, 0.75] }, { name: 'item', int64s: [0, 9] }],
});
const good = (id = 'good') => ({ ...bundle.request(bundle.goldens[0], true), request_id: id });
const near = (expected, actual, what) => assert.ok(Math.abs(expected - actual) <= 1e-5, `${what}: expected ${expected}, got ${actual}`);

const parity = (golden, request, answer) => {
  const scores = bundle.scores(golden);
  const pxtrs = bundle.pxtrs(golden);
  assert.equal(answer.request_id, request.request_id);
  assert.equal(answer.model, bundle.manifest.model);
  assert.equal(answer.version, String(bundle.manifest.version));
  assert.match(answer.bundle_digest, /^sha256:[0-9a-f]{64}$/);
  assert.equal(answer.arm, 'ARM_BASE');
  assert.deepEqual(answer.objectives, bundle.manifest.objectives);
  assert.equal(answer.candidates, scores.length);
  assert.equal(answer.calibrated, Boolean(bundle.manifest.calibration));
  assert.deepEqual(answer.items.map(item => item.position).sort((a, b) => a - b), [...scores.keys()]);
  answer.items.forEach((item, place) => {
    assert.equal(item.id, request.candidate_ids[item.position]);
    near(scores[item.position], item.raw_score, `score of ${item.position}`);
    near(bundle.calibrate(item.raw_score), item.score, `calibrated score of ${item.position}`);
    assert.equal(item.pxtrs.length, pxtrs[item.position].length);
    item.pxtrs.forEach((pxtr, objective) => near(pxtrs[item.position][objective], pxtr, `Pxtr of ${item.position}`));
    const next = answer.items[place + 1];
    assert.ok(!next || item.raw_score > next.raw_score || (item.raw_score === next.raw_score && item.position < next.position), 'the order');
  });
  const best = [...scores].sort((a, b) => b - a);
  answer.items.forEach((item, place) => near(best[place], scores[item.position], 'the order'));
  assert.ok(answer.timings.run_seconds > 0);
};
const checkGoldens = async asBytes => {
  assert.deepEqual(bundle.goldens.map(golden => bundle.scores(golden).length), [7, 64, 300]);
  for (const golden of bundle.goldens) {
    const request = bundle.request(golden, asBytes);
    parity(golden, request, await rank(request));
  }
};

const checks = {
  async goldens_as_bytes() {
    await checkGoldens(true);
  },
  async goldens_as_typed_lists() {
    await checkGoldens(false);
  },
  async goldens_over_a_stream() {
    const requests = bundle.goldens.flatMap(golden => [true, false].map(asBytes => ({ golden, request: bundle.request(golden, asBytes) })));
    requests.forEach((entry, number) => { entry.request.request_id = String(number); });
    const { answers, status: end } = await stream(requests.map(({ request }) => ({ request })));
    assert.equal(end.code, status.OK);
    assert.equal(answers.length, requests.length);
    for (const answer of answers) {
      const { golden, request } = requests[Number(answer.request_id)];
      parity(golden, request, answer.response);
    }
  },
  async stream_matches_answers_and_survives_one_bad() {
    const { answers, status: end } = await stream([...Array(300).keys()].map(number => {
      const request = good(String(number));
      if (number === 57) request.candidate_features[0].name = 'nonsense';
      return { request };
    }));
    assert.equal(end.code, status.OK);
    const byId = new Map(answers.map(answer => [answer.request_id, answer]));
    assert.equal(byId.size, 300);
    const { error } = byId.get('57');
    assert.equal(error.code, status.INVALID_ARGUMENT);
    assert.match(error.message, /^candidate_features\[0\]\.name: got 'nonsense'/);
    byId.delete('57');
    for (const [id, answer] of byId) assert.deepEqual([answer.response?.request_id, answer.response?.items.length], [id, 7]);
  },
  async stream_garbage_is_answered_and_the_stream_goes_on() {
    const call = client.makeBidiStreamRequest('/pantheon.serving.v1.Scoring/RankStream',
      value => value, client.RankStream.responseDeserialize, new grpc.Metadata(), soon());
    const result = collect(call);
    const encode = client.RankStream.requestSerialize;
    call.write(encode({ request: good('first') }));
    for (let i = 1; i <= 50; i++) call.write(Buffer.concat([Buffer.from([0x0a, 0xff, 0xff]), Buffer.alloc(i * 7, i)]));
    call.write(encode({ request: good('last') }));
    call.end();
    const { answers, status: end } = await result;
    assert.equal(end.code, status.OK);
    assert.equal(answers.length, 52);
    assert.deepEqual(answers.filter(answer => answer.response).map(answer => answer.request_id).sort(), ['first', 'last']);
    assert.ok(answers.filter(answer => answer.error).every(answer => answer.error.code === status.INVALID_ARGUMENT));
  },
  async stream_each_has_its_own_deadline() {
    const messages = [{ request: probe(endless, 'late'), timeout_ms: 200 }];
    for (let i = 0; i < 20; i++) messages.push({ request: good(`good-${i}`) });
    const { answers, status: end } = await stream(messages);
    assert.equal(end.code, status.OK);
    assert.equal(answers.length, 21);
    const late = answers.find(answer => answer.request_id === 'late').error;
    assert.ok(late.code === status.DEADLINE_EXCEEDED || (late.code === status.RESOURCE_EXHAUSTED && Number(late.retry_after_ms) > 0), late);
    assert.equal(answers.filter(answer => answer.response).length, 20);
    await idle();
  },
  async unary_deadline_stops_the_run() {
    const error = await fails(rank(probe(endless), soon(500)));
    if (error.code === status.RESOURCE_EXHAUSTED) assert.ok(Number(error.metadata.get('grpc-retry-pushback-ms')[0]) > 0);
    else assert.equal(error.code, status.DEADLINE_EXCEEDED);
    await idle();
  },
  async unary_deadline_that_nobody_can_meet() {
    const request = bundle.request(bundle.goldens.at(-1), true);
    for (let i = 0; i < 20; i++) {
      const error = await fails(rank(request, soon(0)));
      assert.ok([status.DEADLINE_EXCEEDED, status.RESOURCE_EXHAUSTED].includes(error.code), String(error));
    }
    await idle();
  },
  async unary_cancel_stops_the_run() {
    let call;
    const outcome = fails(new Promise((resolve, reject) => {
      call = client.Rank(probe(endless), new grpc.Metadata(), soon(), (error, answer) => error ? reject(error) : resolve(answer));
    }));
    await until(async () => await metric('pantheon_requests_running') === 1, 'it runs');
    call.cancel();
    assert.equal((await outcome).code, status.CANCELLED);
    await idle();
    parity(bundle.goldens[0], good(), await rank(good()));
  },
  async stream_cancel_stops_its_runs() {
    const call = client.RankStream(soon());
    const result = collect(call);
    for (let i = 0; i < 5; i++) call.write({ request: probe(endless, String(i)) });
    await until(async () => await metric('pantheon_requests_running') > 0, 'they run');
    call.cancel();
    assert.equal((await result).status.code, status.CANCELLED);
    await idle();
    parity(bundle.goldens[0], good(), await rank(good()));
  },
  async garbage_is_invalid_argument() {
    for (const bytes of [Buffer.alloc(64, 255), Buffer.from([0x0a]), Buffer.concat([Buffer.from([0x42, 0xff, 0xff]), Buffer.alloc(2000, 3)])]) {
      const error = await fails(rankBytes('/pantheon.serving.v1.Scoring/Rank', bytes));
      assert.equal(error.code, status.INVALID_ARGUMENT);
      assert.match(error.details, /^RankRequest: got bytes that are no protobuf message/);
    }
    parity(bundle.goldens[0], good(), await rank(good()));
    await idle();
  },
  async unknown_model_is_not_found() {
    const error = await fails(rank({ ...good(), model: 'nobody' }));
    assert.equal(error.code, status.NOT_FOUND);
    assert.match(error.details, /^model: got 'nobody', expected one of/);
  },
  async version_not_loaded_is_failed_precondition() {
    const error = await fails(rank({ ...good(), version: 999 }));
    assert.equal(error.code, status.FAILED_PRECONDITION);
    assert.match(error.details, /^version: got 999/);
  },
  async missing_method_is_unimplemented() {
    assert.equal((await fails(rankBytes('/pantheon.serving.v1.Scoring/Missing', Buffer.alloc(0)))).code, status.UNIMPLEMENTED);
    assert.equal((await fails(rankBytes('/no.such.Service/Rank', Buffer.alloc(0)))).code, status.UNIMPLEMENTED);
  },
  async message_too_large_is_resource_exhausted() {
    const request = good();
    request.candidate_features[0].data = Buffer.alloc(17 << 20);
    assert.equal((await fails(rank(request))).code, status.RESOURCE_EXHAUSTED);
    parity(bundle.goldens[0], good(), await rank(good()));
    await idle();
  },
  async health_is_serving() {
    const probe = new health.v1.Health(target, grpc.credentials.createInsecure(), limits);
    for (const service of ['', 'pantheon.serving.v1.Scoring', `model/${bundle.manifest.model}`]) {
      const answer = await new Promise((resolve, reject) => probe.Check({ service }, soon(), (error, value) => error ? reject(error) : resolve(value)));
      assert.equal(answer.status, 'SERVING');
    }
    probe.close();
  },
  async many_callers_at_once() {
    await Promise.all([...Array(90).keys()].map(async number => {
      const golden = bundle.goldens[number % 3];
      const request = bundle.request(golden, true);
      parity(golden, request, await rank(request));
    }));
  },
};

for (const [check, run] of Object.entries(checks)) {
  let error = null;
  try { await run(); } catch (caught) { error = caught.stack ?? String(caught); }
  console.log(JSON.stringify({ check, error }));
}
client.close();
