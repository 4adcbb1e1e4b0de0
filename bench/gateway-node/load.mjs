// The load client of the official Gateway SDK for Node, used as its documentation shows: flags and report as those of
// gateway-go. Arguments (one JSON object a line) are read from stdin.

import * as grpc from '@grpc/grpc-js';
import { connect, hash, signers } from '@hyperledger/fabric-gateway';
import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const names = ['endpoint', 'server-name', 'tls-root', 'msp', 'cert', 'key', 'channel', 'chaincode',
    'operation', 'function', 'orgs', 'calls', 'callers', 'warmup'];
const { values: flags } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) });
const given = readFileSync(0, 'utf8').split('\n').filter((line) => line);
const lines = given.length ? given : ['{}'];

const options = flags['server-name'] ? { 'grpc.ssl_target_name_override': flags['server-name'] } : {};
const client = new grpc.Client(flags.endpoint, grpc.credentials.createSsl(readFileSync(flags['tls-root'])), options);
const gateway = connect({
    client,
    identity: { mspId: flags.msp, credentials: readFileSync(flags.cert) },
    signer: signers.newPrivateKeySigner(createPrivateKey(readFileSync(flags.key))),
    hash: hash.sha256,
});
const contract = gateway.getNetwork(flags.channel).getContract(flags.chaincode);
const organizations = (flags.orgs || '').split(',').filter((name) => name);
// The SDK's one option for both: who endorses, and for an evaluation who may answer.
const call = flags.operation === 'submit'
    ? (line) => contract.submit(flags.function, { arguments: [line], endorsingOrganizations: organizations })
    : (line) => contract.evaluate(flags.function, { arguments: [line], endorsingOrganizations: organizations });

async function round(calls) {
    const latencies = [];
    const errors = {};
    let next = 0;
    async function caller() {
        while (next < calls) {
            const line = lines[next++ % lines.length];
            const begin = performance.now();
            try {
                await call(line);
                latencies.push(performance.now() - begin);
            } catch (error) {
                const said = error.details?.[0]?.message ?? error.message;
                errors[said] = (errors[said] ?? 0) + 1;
            }
        }
    }
    await Promise.all(Array.from({ length: Math.min(Number(flags.callers), calls) }, caller));
    return { latencies, errors };
}

const at = (sorted, percent) => sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0;

// Not process.resourceUsage().maxRSS, which begins with what the parent had when it forked.
function peakMemory() {
    const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
    return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
}

await round(Number(flags.warmup));
const before = process.cpuUsage();
const begin = performance.now();
const { latencies, errors } = await round(Number(flags.calls));
const seconds = (performance.now() - begin) / 1000;
const used = process.cpuUsage(before);
latencies.sort((a, b) => a - b);
console.log(JSON.stringify({
    successes: latencies.length,
    failures: Object.values(errors).reduce((sum, count) => sum + count, 0),
    seconds,
    cpu_seconds: (used.user + used.system) / 1e6,
    p50_ms: at(latencies, 50),
    p99_ms: at(latencies, 99),
    errors,
    memory_mb: peakMemory(),
}));
gateway.close();
client.close();
