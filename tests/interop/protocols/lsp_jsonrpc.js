// The client of Visual Studio Code: node lsp_jsonrpc.js HOST PORT. What does not hold ends it with an error.

const assert = require('node:assert/strict');
const net = require('node:net');
const rpc = require('vscode-jsonrpc/node');

const [host, port] = process.argv.slice(2);

async function main(socket) {
  const connection = rpc.createMessageConnection(
    new rpc.SocketMessageReader(socket), new rpc.SocketMessageWriter(socket));
  const poked = new Promise(resolve => connection.onNotification('poked', resolve));
  const ask = (method, parameters) => connection.sendRequest(method, parameters);
  connection.listen();

  const value = {a: [1, '中文😀', null], b: {}};
  assert.deepEqual(await ask('echo', value), value);
  // One of two UTF-16 units, and one of two scalar values.
  assert.equal(await ask('count', {text: '中文😀e\u0301'}), 5);
  assert.equal(await ask('count', {text: '倈'.repeat(100_000)}), 100_000);

  const all = [...Array(200).keys()].map(number => ({number}));
  assert.deepEqual(await Promise.all(all.map(each => ask('echo', each))), all);

  await assert.rejects(ask('nosuch', {}), {code: rpc.ErrorCodes.MethodNotFound});
  await assert.rejects(ask('count', {}), {code: rpc.ErrorCodes.InvalidParams});
  connection.sendNotification('nosuch', {});
  connection.sendNotification('poke', {x: '推送'});
  assert.deepEqual(await poked, {x: '推送'});
}

const socket = net.connect(port, host, () => main(socket).then(() => process.exit(0), fail));
socket.on('error', fail);
socket.on('close', () => fail(new Error('the server has closed the connection')));

function fail(error) {
  console.error(String(error));
  process.exit(1);
}
