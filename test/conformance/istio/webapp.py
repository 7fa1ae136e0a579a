"""A program outside the mesh that traces itself with py_zipkin: Zipkin v1 thrift, B3 headers of its open client span."""
import os

import requests
from flask import Flask, request
from py_zipkin import Kind
from py_zipkin.storage import get_default_tracer
from py_zipkin.zipkin import zipkin_client_span, zipkin_span

PORT = int(os.environ["PORT"])
GATEWAY = os.environ["INGRESS_GATEWAY"]
COLLECTOR = os.environ["ZIPKIN_V1_ENDPOINT"]

app = Flask(__name__)


def send(encoded_spans):
    requests.post(
        COLLECTOR, data=encoded_spans, headers={"Content-Type": "application/x-thrift"}, timeout=5
    ).raise_for_status()


def get_productpage():
    # The helper for outgoing headers would make an id that nobody reports; this is the span that is open.
    attrs = get_default_tracer().get_zipkin_attrs()
    headers = {
        "X-B3-TraceId": attrs.trace_id,
        "X-B3-SpanId": attrs.span_id,
        "X-B3-ParentSpanId": attrs.parent_span_id,
        "X-B3-Sampled": "1",
    }
    if "Cookie" in request.headers:
        headers["Cookie"] = request.headers["Cookie"]
    requests.get(f"http://{GATEWAY}/productpage", headers=headers, timeout=10).raise_for_status()


@zipkin_client_span(service_name="webapp", span_name="call_productpage")
def call_productpage():
    get_productpage()


def index_span():
    return zipkin_span(
        service_name="webapp",
        span_name="index",
        kind=Kind.SERVER,
        transport_handler=send,
        port=PORT,
        sample_rate=100,
    )


@app.route("/health")
def health():
    return "UP"


@app.route("/")
def index():
    with index_span():
        call_productpage()
    return "OK"


@app.route("/own-span")
def own_span():
    """No client span: the call is a local span, and what follows it another."""
    with index_span():
        with zipkin_span(service_name="webapp", span_name="call_productpage"):
            get_productpage()
        with zipkin_span(service_name="webapp", span_name="render"):
            pass
    return "OK"


app.run(host=os.environ.get("HOST", "127.0.0.1"), port=PORT)
