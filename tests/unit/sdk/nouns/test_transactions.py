"""What became of a transaction."""

import pytest
from fake_gateway import FakeGateway, client

from medconsent.nouns.transactions import TransactionStatus


@pytest.mark.parametrize(
    ("code", "block", "outcome"),
    [("VALID", 4, "committed"), ("MVCC_READ_CONFLICT", 4, "invalid"), ("UNKNOWN", None, "unknown")],
)
def test_what_became_of_a_transaction(monkeypatch, code, block, outcome):
    from medconsent.fabric import TransactionStatus as Found  # noqa: PLC0415
    from medconsent.fabric.channel import Channel  # noqa: PLC0415

    def status(self, transaction_id):
        return Found(transaction_id, code, block)
        yield

    monkeypatch.setattr(Channel.transaction_status, "flow", status)
    found = client(FakeGateway(lambda *_: {})).transactions.status("t")
    assert found == TransactionStatus("t", outcome, code, block)
