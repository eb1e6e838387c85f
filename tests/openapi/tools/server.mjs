// A program with the flags of the showcase, on a port of the kernel's choice.
import {spawn} from 'node:child_process';

export async function serve(program) {
  const child = spawn(program, ['--http', '127.0.0.1:0', '--log', 'off'], {stdio: ['ignore', 'pipe', 'inherit']});
  process.on('exit', () => child.kill('SIGKILL')); // a test that throws leaves no server behind
  const line = await new Promise((resolve, reject) => {
    let seen = '';
    child.stdout.on('data', (data) => {
      seen += data;
      if (seen.includes('\n')) resolve(seen);
    });
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return {
    url: `http://${JSON.parse(line).http}`,
    stop: () => new Promise((resolve, reject) => {
      child.removeAllListeners('exit');
      child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`the server ended with ${code}`))));
      child.kill('SIGTERM');
    }),
  };
}
