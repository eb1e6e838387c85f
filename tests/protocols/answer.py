"""What every client here gives back."""

import harness


class Answer:
    """As harness.Answer, with trailers, made by the connections of clients.py and http3.py."""

    def __init__(self, status, fields, body, interim, trailers):
        self.status, self.fields, self.body = status, fields, body
        self.interim, self.trailers = interim, trailers

    all = harness.Answer.all
    field = harness.Answer.field
    json = harness.Answer.json
