"""A web service in front of a chaincode: one connection for all requests, and a status for each way to fail.

    FABRIC_ENDPOINT=peer.example:7051 FABRIC_MSP=Org1MSP FABRIC_WALLET=wallet/service FABRIC_TLS_ROOT=tls-ca.pem \\
    FABRIC_CHANNEL=mychannel FABRIC_CHAINCODE=basic uvicorn --app-dir examples/client service:app

It needs fastapi and uvicorn. The chaincode has the functions `get` (key) and `put` (key, value).
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from medconsent.fabric import AsyncGateway, CommitError, EndorseError, EvaluateError, GatewayError
from medconsent.fabric.wallet import load


def from_environment() -> AsyncGateway:
    """The gateway that the environment names."""
    identity, signer = load(os.environ["FABRIC_WALLET"], os.environ["FABRIC_MSP"])
    root = Path(os.environ["FABRIC_TLS_ROOT"]).read_bytes()
    return AsyncGateway(os.environ["FABRIC_ENDPOINT"], identity, signer, tls_root=root)


@asynccontextmanager
async def connected(app: FastAPI) -> AsyncIterator[None]:
    """One connection for as long as the service runs: opening one takes longer than a question."""
    async with from_environment() as gateway:
        channel = gateway.channel(os.environ["FABRIC_CHANNEL"])
        app.state.contract = channel.contract(os.environ["FABRIC_CHAINCODE"])
        yield


app = FastAPI(lifespan=connected)


@app.get("/values/{key}")
async def read(key: str) -> dict[str, str]:
    """A value, asked of the service's own organization's peer."""
    answer: bytes = await app.state.contract.evaluate("get", key, target_organizations=[os.environ["FABRIC_MSP"]])
    return {"key": key, "value": answer.decode()}


@app.put("/values/{key}")
async def write(key: str, body: dict[str, str]) -> dict[str, Any]:
    """Write a value, and answer when it is committed."""
    done = await app.state.contract.submit("put", key, body["value"], timeout=30)
    return {"transaction": done.transaction_id, "block": done.block_number}


@app.exception_handler(GatewayError)
async def failed(request: Request, error: Exception) -> JSONResponse:
    """Whoever calls learns what is on the ledger: nothing, something invalid, or that it is not known."""
    assert isinstance(error, GatewayError)  # noqa: S101 - what it is registered for
    told = {"outcome": error.outcome, "transaction": error.transaction_id, "message": error.chaincode_message()}
    if isinstance(error, EvaluateError | EndorseError) and error.chaincode_message():
        return JSONResponse(told, 422)  # the chaincode refused: asking again does not help
    if isinstance(error, CommitError):
        return JSONResponse(told, 409)  # it lost a race: the caller reads again, and decides
    return JSONResponse(told, 503 if error.outcome == "not-committed" else 504)
