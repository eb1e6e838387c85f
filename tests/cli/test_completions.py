"""`armature completions` in the shells themselves: what is typed, and what they make of it.

test_completions.py PROGRAM [unittest's options…]"""
import os
import pty
import select
import shutil
import signal
import sys
import time
import unittest

from support import Armature, InAFolder

armature = Armature(sys.argv.pop(1))

# What is typed before the tab key, and what the shell makes of it.
TABLE = [("armature gen", "armature generate "),
         ("armature completions z", "armature completions zsh "),
         ("armature generate res", "armature generate resource "),
         ("armature new shop --templ", "armature new shop --template"),
         ("armature new shop --template mic", "armature new shop --template microservice "),
         ("armature routes --mark", "armature routes --markdown "),
         ("armature db:s", "armature db:seed "),
         ("armature help mig", "armature help migrate ")]


class Shell:
    """A shell at a terminal of its own."""

    def __init__(self, command, folder):
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            environment = {**armature.environment, "TERM": "dumb", "PS1": "", "PROMPT": "",
                           "HISTFILE": "", "HOME": str(folder)}
            os.chdir(folder)
            os.execvpe(command[0], command, environment)
        self.output = ""

    def send(self, text):
        os.write(self.terminal, text.encode())

    def wait_for(self, text, seconds=60):
        until = time.monotonic() + seconds
        while text not in self.output:
            ready, _, _ = select.select([self.terminal], [], [], until - time.monotonic())
            if not ready:
                raise AssertionError(f"not seen: {text!r} in {self.output[-2000:]!r}")
            self.output += os.read(self.terminal, 65536).decode(errors="replace")
        self.output = self.output.partition(text)[2]

    def close(self):
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.terminal)


class Completions(InAFolder):
    def check(self, command, load):
        if shutil.which(command[0]) is None:
            self.skipTest(f"{command[0]} is not installed (Debian: {command[0]})")
        shell = Shell(command, self.folder)
        self.addCleanup(shell.close)
        shell.send(load + "; echo rea''dy\n")
        shell.wait_for("ready")
        for typed, whole in TABLE:
            with self.subTest(typed):
                # The shell runs what it made of it: as an echo, whose end shows that it is whole.
                shell.send(f"{typed}\t")
                shell.send("\x01echo '<' \x05 '>'\n")
                shell.wait_for(f"< {whole.strip()}")
                shell.wait_for(">")

    def test_in_bash(self):
        self.check(["bash", "--norc", "--noprofile", "-i"], 'eval "$(armature completions bash)"')

    def test_in_zsh(self):
        self.check(["zsh", "-f", "-i"],
                   'unsetopt zle_bracketed_paste beep; autoload -Uz compinit; compinit -D -u; '
                   'eval "$(armature completions zsh)"')

    def test_in_fish(self):
        if shutil.which("fish") is None:
            self.skipTest("fish is not installed (Debian: fish)")
        script = self.folder / "armature.fish"
        script.write_text(armature("completions", "fish").stdout)
        for typed, whole in TABLE:
            done = self.succeeds(armature.run(
                ["fish", "--no-config", "-c", f"source {script}; complete -C '{typed}'"],
                environment={"HOME": str(self.folder)}))
            words = [line.split("\t")[0] for line in done.stdout.splitlines()]
            self.assertIn(whole.split()[-1], words, typed)


if __name__ == "__main__":
    unittest.main()
