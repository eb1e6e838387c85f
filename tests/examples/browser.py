"""Headless Chromium: for one page, or driven."""

import contextlib
import fcntl
import json
import os
import subprocess

import harness


def headless(chromium, profile, *arguments):
    """The command line of a browser without a window that talks to its pages' servers only."""
    return [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", f"--user-data-dir={profile}", *arguments]


def browse(chromium, url, *flags):
    """What such a browser writes for one page over TCP, with a profile of its own."""
    with harness.temporary_folder() as profile:
        done = subprocess.run(headless(chromium, profile, "--disable-quic", *flags, url),
                              capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise AssertionError(f"{chromium} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


class Page:
    """A page of headless Chromium, driven over the pipes of its DevTools protocol."""

    def __init__(self, chromium, profile, *flags):
        commands, self._commands = os.pipe()
        self._messages, messages = os.pipe()
        # Chromium reads commands from descriptor 3 and writes to 4; none of ours may be in the way.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (commands, messages)]
        self._process = subprocess.Popen(
            headless(chromium, profile, "--remote-debugging-pipe", *flags, "about:blank"),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=False,
            preexec_fn=lambda: [os.dup2(end, number) for end, number in zip(ends, (3, 4))])
        for end in (commands, messages, *ends):
            os.close(end)
        self._received, self._sent, self._session = b"", 0, {}
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = {"sessionId": attached["sessionId"]}
        self.call("Page.enable")

    def _receive(self):
        while b"\0" not in self._received:
            data = os.read(self._messages, 65536)
            assert data, "Chromium ended"
            self._received += data
        message, _, self._received = self._received.partition(b"\0")
        return json.loads(message)

    def call(self, method, **parameters):
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": parameters, **self._session}
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while (answer := self._receive()).get("id") != self._sent:
            pass
        assert "result" in answer, answer
        return answer["result"]

    def open(self, url):
        failed = self.call("Page.navigate", url=url).get("errorText")
        assert not failed, failed
        while self._receive().get("method") != "Page.loadEventFired":
            pass

    def run(self, script):
        """What an asynchronous function with this body returns."""
        result = self.call("Runtime.evaluate", expression=f"(async () => {{{script}}})()",
                           awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def close(self):
        with contextlib.suppress(AssertionError, OSError):
            self._session = {}
            self.call("Browser.close")
        try:
            self._process.wait(harness.TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for end in (self._commands, self._messages):
            os.close(end)
