import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KEPT } from '../../lib/secrets.ts';
import { freshSink, headerFault, KINDS, sinkFaults } from './kinds.ts';

const wrong = (faults: Record<string, string | undefined>) => Object.keys(faults).filter((path) => faults[path] !== undefined);

test('a service is told all that it needs', () => {
  assert.deepEqual(wrong(sinkFaults('http', freshSink('http'))), ['sink.httpEndpoint']);
  assert.deepEqual(wrong(sinkFaults('splunk', freshSink('splunk'))), ['sink.splunkDomain', 'sink.splunkToken']);
  assert.deepEqual(wrong(sinkFaults('datadog', { datadogRegion: 'us', datadogApiKey: 'k' })), []);
  for (const kind of KINDS) assert.notEqual(wrong(sinkFaults(kind, {})).length, 0, kind);
});

test('a secret that is stored may stay untold', () => {
  assert.deepEqual(wrong(sinkFaults('datadog', { datadogRegion: 'us', datadogApiKey: KEPT })), []);
  assert.deepEqual(wrong(sinkFaults('datadog', { datadogRegion: 'us' })), ['sink.datadogApiKey']);
  assert.deepEqual(wrong(sinkFaults('sumo', { sumoSourceAddress: KEPT })), []);
});

test('addresses and ports are what they are', () => {
  for (const httpEndpoint of ['http://a.example', 'a.example', 'https://']) assert.deepEqual(wrong(sinkFaults('http', { httpEndpoint })), ['sink.httpEndpoint'], httpEndpoint);
  for (const [splunkPort, isFine] of [['0', false], ['1', true], ['8088', true], ['65535', true], ['65536', false], ['x', false]] as const) {
    assert.equal(wrong(sinkFaults('splunk', { splunkDomain: 'a.example', splunkToken: 't', splunkPort })).length === 0, isFine, splunkPort);
  }
});

test('headers have names that may be sent, each once', () => {
  const of = (...names: string[]) => names.map((header) => ({ header }));
  assert.equal(headerFault(of('X-Tenant'), 0, true), undefined);
  assert.notEqual(headerFault(of('Host'), 0, false), undefined);
  assert.notEqual(headerFault(of('a b'), 0, false), undefined);
  assert.notEqual(headerFault(of('authorization'), 0, true), undefined);
  assert.equal(headerFault(of('authorization'), 0, false), undefined);
  assert.notEqual(headerFault(of('X-A', 'x-a'), 1, false), undefined);
});
