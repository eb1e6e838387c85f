"""What a program exports, read by OpenTelemetry's own definitions: test_otlp.py PROGRAM

The collector here refuses the first export, so that it has to come again."""

import base64
import http.server
import json
import os
import signal
import subprocess
import sys
import threading

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
IDENTIFIERS = {"traceId", "spanId", "parentSpanId"}

bodies, asked, refused = [], [], []


class Collector(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        assert self.path == "/v1/traces", self.path
        assert self.headers["content-type"] == "application/json"
        assert self.headers["api-key"] == "s t"
        if not refused:
            refused.append(body)
            self.send_response(503)
            self.send_header("retry-after", "1")
            self.send_header("content-length", "0")
            self.end_headers()
            return
        bodies.append(body)
        self.answer(b"{}")

    def do_GET(self):
        asked.append((self.headers["traceparent"], self.headers["tracestate"]))
        self.answer(b"ok")

    def answer(self, body):
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def as_protobuf(value):
    """OTLP writes identifiers in hexadecimal where protobuf's JSON has base64; all else is the same."""
    if isinstance(value, list):
        return [as_protobuf(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: base64.b64encode(bytes.fromhex(item)).decode() if key in IDENTIFIERS else as_protobuf(item)
            for key, item in value.items()}


def decode(body):
    return json_format.ParseDict(as_protobuf(json.loads(body)), ExportTraceServiceRequest())  # unknown fields fail


def values(attributes):
    names = [entry.key for entry in attributes]
    assert len(names) == len(set(names)), names
    return {entry.key: getattr(entry.value, entry.value.WhichOneof("value")) for entry in attributes}


def curl(*arguments):
    return subprocess.run(["curl", "-sS", "--max-time", "60", *arguments], check=True, capture_output=True, text=True).stdout


collector = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
threading.Thread(target=collector.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{collector.server_port}"
environment = os.environ | {
    "OTEL_SERVICE_NAME": "shop", "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
    "OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_EXPORTER_OTLP_HEADERS": "api-key=s%20t"}
program = subprocess.Popen([sys.argv[1], url + "/other"], env=environment, stdout=subprocess.PIPE, text=True)
try:
    address = program.stdout.readline().strip()
    parent = ["-H", f"traceparent: 00-{TRACE}-00f067aa0ba902b7-01", "-H", "tracestate: rojo=1"]
    for version in ("--http1.1", "--http2-prior-knowledge"):
        assert curl(version, *parent, f"http://{address}/orders/7?token=secret") == "200"
    assert curl("-o", "/dev/null", "-w", "%{http_code}", f"http://{address}/fails") == "500"
    program.send_signal(signal.SIGTERM)  # what waits is exported at the end
    assert program.wait(timeout=60) == 0
finally:
    program.kill()

assert len(refused) == 1
requests = [decode(body) for body in bodies]
spans = []
for request in requests:
    (of_resource,) = request.resource_spans
    resource = values(of_resource.resource.attributes)
    assert resource["service.name"] == "shop" and resource["deployment.environment.name"] == "test", resource
    (of_scope,) = of_resource.scope_spans
    assert of_scope.scope.name == "armature"
    spans += of_scope.spans
assert len(spans) == 7, len(spans)

identifiers = {span.span_id for span in spans}
assert len(identifiers) == 7
for span in spans:
    assert len(span.trace_id) == 16 and len(span.span_id) == 8
    assert 0 < span.start_time_unix_nano <= span.end_time_unix_nano
    assert "secret" not in str(span)

servers = {values(span.attributes)["network.protocol.version"]: span
           for span in spans if span.name == "GET /orders/{id}"}
assert set(servers) == {"1.1", "2"}
for version, server in servers.items():
    assert server.kind == Span.SPAN_KIND_SERVER and server.status.code == Status.STATUS_CODE_UNSET
    assert server.trace_id.hex() == TRACE and server.parent_span_id.hex() == "00f067aa0ba902b7"
    assert server.trace_state == "rojo=1"
    facts = values(server.attributes)
    host, port = address.rsplit(":", 1)
    expected = {"http.request.method": "GET", "http.route": "/orders/{id}", "url.path": "/orders/7", "url.scheme": "http",
                "http.response.status_code": 200, "server.address": host, "server.port": int(port),
                "network.protocol.version": version, "client.address": "127.0.0.1", "network.peer.address": "127.0.0.1"}
    assert {name: facts.get(name) for name in expected} == expected, facts
    assert facts["user_agent.original"].startswith("curl/")
    (charge,) = [span for span in spans if span.parent_span_id == server.span_id]
    assert charge.name == "charge" and charge.kind == Span.SPAN_KIND_INTERNAL and charge.trace_id == server.trace_id
    assert values(charge.attributes) == {"order.id": 7, "order.total": 9.5, "order.paid": True,
                                         "order.note": "Jürgen \"\\\n"}
    (event,) = charge.events
    assert event.name == "asked" and values(event.attributes) == {"attempt": 1}
    (client,) = [span for span in spans if span.parent_span_id == charge.span_id]
    assert client.name == "GET" and client.kind == Span.SPAN_KIND_CLIENT
    facts = values(client.attributes)
    assert facts["url.full"] == url + "/other" and facts["http.response.status_code"] == 200, facts
    assert (f"00-{TRACE}-{client.span_id.hex()}-01", "rojo=1") in asked

(failed,) = [span for span in spans if span.name == "GET /fails"]
assert failed.status.code == Status.STATUS_CODE_ERROR and failed.trace_id.hex() != TRACE and not failed.parent_span_id
assert values(failed.attributes)["error.type"] == "500"
print("7 spans are as they are meant")
