// Ranks without pause while the service goes down: node drain.mjs TARGET HTTP BUNDLE PROTOS. Prints `running` when answers
// come, then, when nobody answers any more, one line of JSON: calls by status, and the messages of those that failed in flight.
import { Bundle } from './bundle.mjs';
import { grpc, load } from './grpc.mjs';

const callers = 8;
const [target, , directory, protos] = process.argv.slice(2);
const { pantheon } = load(protos);
const bundle = new Bundle(directory);
const request = bundle.request(bundle.goldens[1], true);
const statuses = {};
const cutOff = [];

async function callUntilGone() {
  const client = new pantheon.serving.v1.Scoring(target, grpc.credentials.createInsecure(), { 'grpc.enable_http_proxy': 0, 'grpc.use_local_subchannel_pool': 1 });
  for (let code = 0; code === 0;) {
    const error = await new Promise(resolve => client.Rank(request, new grpc.Metadata(), { deadline: Date.now() + 30000 }, resolve));
    code = error?.code ?? 0;
    const name = grpc.status[code];
    statuses[name] = (statuses[name] ?? 0) + 1;
    // Refused before it was sent, or told to go elsewhere, is a clean end; anything else was cut off.
    if (error && !/connect|ECONNREFUSED|GOAWAY/.test(error.details)) cutOff.push(`${name}: ${error.details}`);
    if (statuses.OK === 20 * callers) console.log('running');
  }
  client.close();
}

await Promise.all(Array.from({ length: callers }, callUntilGone));
console.log(JSON.stringify({ statuses, cut_off: cutOff }));
