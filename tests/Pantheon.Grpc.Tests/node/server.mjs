// The probe service on grpc-js. Prints its port; ends when its standard input does.
import { grpc, Probe, limits } from './probe.mjs';

const pages = new Map();
const page = name => {
  if (!pages.has(name)) {
    const entry = {};
    entry.written = new Promise(resolve => { entry.write = resolve; });
    pages.set(name, entry);
  }
  return pages.get(name);
};

const because = () => { const m = new grpc.Metadata(); m.set('x-why', 'because'); return m; };

async function act(ask, call) {
  switch (ask.act) {
    case 'FAIL':
      throw Object.assign(new Error(ask.text), { code: ask.code, details: ask.text, metadata: because() });
    case 'THROW':
      throw Object.assign(new Error('thrown'), { code: grpc.status.UNKNOWN, details: 'thrown' });
    case 'WAIT':
      await new Promise(resolve => { if (call.cancelled) resolve(); else call.on('cancelled', resolve); });
      page(ask.text).write('cancelled');
      break;
    case 'SIZE':
      return { count: ask.payload.length, payload: Buffer.alloc(ask.count) };
    case 'TELL':
      return { text: await page(ask.text).written };
    case 'DEADLINE': {
      const deadline = call.getDeadline();
      return { count: deadline === Infinity ? -1 : Math.trunc(Number(deadline) - Date.now()) };
    }
  }
  return { text: ask.text, payload: ask.payload, count: ask.count };
}

const server = new grpc.Server({ ...limits, ...(process.argv.includes('gzip') ? { 'grpc.default_compression_algorithm': 2 } : {}) });
server.addService(Probe.service, {
  async Unary(call, callback) {
    try {
      const trailers = new grpc.Metadata();
      if (call.request.act === 'METADATA') {
        const headers = new grpc.Metadata();
        for (const key of ['x-echo', 'x-echo-bin']) {
          for (const value of call.metadata.get(key)) {
            headers.add(key, value);
            trailers.add(key.replace('echo', 'trailer'), value);
          }
        }
        call.sendMetadata(headers);
      }
      callback(null, await act(call.request, call), trailers);
    } catch (error) { callback(error); }
  },
  async ServerStream(call) {
    try {
      for (let i = 0; i < call.request.count; i++) {
        if (!call.write({ count: i, payload: call.request.payload })) {
          await new Promise(resolve => call.once('drain', resolve));
        }
      }
      if (['FAIL', 'THROW', 'WAIT'].includes(call.request.act)) await act(call.request, call);
      call.end();
    } catch (error) { call.emit('error', error); }
  },
  Duplex(call) {
    let last = Promise.resolve();
    call.on('data', ask => {
      last = last.then(async () => { call.write(await act(ask, call)); }).catch(error => { call.emit('error', error); });
    });
    call.on('end', () => last.then(() => call.end()));
    call.on('error', () => {});
  },
});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`PORT ${port}`);
});
process.stdin.on('end', () => process.exit(0)).resume();
