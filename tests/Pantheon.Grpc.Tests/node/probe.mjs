// The probe service of probe.proto as @grpc/proto-loader reads it.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
export const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');
const file = fileURLToPath(new URL('../Protos/probe.proto', import.meta.url));
const definition = loader.loadSync(file, { keepCase: true, longs: Number, enums: String, defaults: true });
export const Probe = grpc.loadPackageDefinition(definition).pantheon.grpctests.Probe;
export const limits = { 'grpc.max_receive_message_length': 64 << 20, 'grpc.max_send_message_length': 64 << 20 };
