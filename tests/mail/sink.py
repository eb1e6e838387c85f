"""A mail server that delivers to its standard output: a line of JSON for each message, and "end N".

sink.py MODE FOLDER     MODE: starttls, tls, none, or plain (which offers no STARTTLS)
FOLDER has cert.pem and key.pem. It logs in ada with the password "secret", or the token "token"
(XOAUTH2). What it answers to MAIL and RCPT depends on the address: 550 to refused@…, 451 to later@…
"""

import asyncio
import base64
import email
import email.policy
import json
import ssl
import sys
from email.header import decode_header, make_header
from email.utils import getaddresses

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword, auth_mechanism

mode, folder = sys.argv[1:]


def describe(part):
    content = part.get_payload(decode=True)
    found = {"type": part.get_content_type(), "charset": part.get_content_charset(),
             "base64": base64.b64encode(content).decode(), "name": part.get_filename(),
             "disposition": part.get_content_disposition(), "id": part["content-id"],
             "defects": [str(defect) for defect in part.defects]}
    if part.get_content_maintype() == "text":
        found["text"] = part.get_content().replace("\r\n", "\n")
    return found


class Handler:
    count = 0

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return "550 not from you" if address.startswith("refused@") else "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "550 no such user"
        if address.startswith("later@"):
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        lines = envelope.content.split(b"\r\n")
        # The older interface: the newer one puts blanks between the encoded words of a long name.
        old = email.message_from_bytes(envelope.content)
        addresses = {name: [[str(make_header(decode_header(display))), address]
                            for display, address in getaddresses(old.get_all(name))]
                     for name in ("from", "to", "cc", "bcc", "reply-to") if old[name]}
        print(json.dumps({
            "envelope": {"from": envelope.mail_from, "to": envelope.rcpt_tos},
            "encrypted": session.ssl is not None or mode == "tls", "login": session.auth_data,
            "peer": session.peer[1], "hello": session.host_name,
            "addresses": addresses, "fields": [[name, str(value)] for name, value in message.items()],
            "structure": [part.get_content_type() for part in message.walk()],
            "parts": [describe(part) for part in message.walk() if not part.is_multipart()],
            "longest": max(map(len, lines)), "bare": envelope.content.replace(b"\r\n", b"").count(b"\n"),
            "ascii": envelope.content.isascii(),
            "defects": [str(defect) for defect in message.defects]}), flush=True)
        self.count += 1
        print("end", self.count, flush=True)
        return "250 taken"


class Server(SMTP):
    @auth_mechanism("XOAUTH2")
    async def auth_XOAUTH2(self, server, args):
        answer = base64.b64decode(args[1]) if len(args) > 1 else await self.challenge_auth("")
        text = bytes(answer).decode()
        good = text == "user=ada\x01auth=Bearer token\x01\x01"
        return AuthResult(success=good, handled=False, auth_data="XOAUTH2" if good else None)


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"ada", b"secret")
    return AuthResult(success=good, handled=False, auth_data=mechanism if good else None)


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")

    handler = Handler()

    def make():
        return Server(handler, hostname="sink.test", enable_SMTPUTF8=True,
                      tls_context=context if mode == "starttls" else None,
                      require_starttls=mode == "starttls", authenticator=authenticate,
                      auth_require_tls=mode == "starttls")

    server = await asyncio.get_running_loop().create_server(
        make, "127.0.0.1", 0, ssl=context if mode == "tls" else None)
    print("port", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
